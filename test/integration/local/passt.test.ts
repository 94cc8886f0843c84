/** Which passt is an old one: programs that answer `--help` as the passts seen do. */
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { isOldPasst } from '../../../src/local/drivers/qemu/network/passt.ts';

let folder = '';

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'osv-faas-test-'));
});

afterAll(() => rm(folder, { recursive: true }));

test.each([
  { name: 'new', help: 'echo "  --map-host-loopback ADDR	Translate"', old: false },
  { name: 'new-stderr', help: 'echo "  --map-host-loopback ADDR" >&2', old: false },
  { name: 'old', help: 'echo "  --no-map-gw	Do not map" >&2', old: true },
  { name: 'silent', help: ':', old: true },
])('$name: $old', async ({ name, help, old }) => {
  const program = join(folder, name);
  await writeFile(program, `#!/bin/sh\n${help}\nexit 1\n`, { mode: 0o755 });
  expect(await isOldPasst(program)).toBe(old);
});
