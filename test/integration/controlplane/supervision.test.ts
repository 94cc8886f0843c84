import { existsSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from '@jest/globals';
import { Supervision } from '../../../src/local/controlplane/supervision.ts';
import { until } from './processes.ts';

const STOP_DEADLINE_MS = 60_000;
let folder: string;

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'osv-faas-supervision-'));
});

afterEach(() => {
  rmSync(folder, { recursive: true, force: true });
});

function shell(name: string, script: string) {
  return { name, file: 'sh', args: ['-c', script], log: join(folder, `${name}.log`) };
}

test('a program that ends by itself while another is being ended is not waited for', async () => {
  const pidFile = join(folder, 'pid');
  const config = { stateDir: folder, temporary: false, stopDeadlineMs: STOP_DEADLINE_MS };
  const supervision = await Supervision.begin({ ...config, pidFile });
  supervision.start(shell('companion', 'exec sleep 1000'));
  await until('it runs', () => supervision.pidOf('companion') !== undefined);
  const companion = String(supervision.pidOf('companion'));
  // Last started, first ended: it takes the other with it, as QEMU does with passt.
  const last = `kill -9 ${companion}; sleep 0.3; exit`;
  const waiting = `echo > '${folder}/trapped'; while :; do sleep 0.02; done`;
  supervision.start(shell('machine', `trap '${last}' TERM; ${waiting}`));
  await until('it can be told', () => existsSync(join(folder, 'trapped')));
  await supervision.stop();
  // What the supervisor does last.
  expect(existsSync(pidFile)).toBe(false);
});
