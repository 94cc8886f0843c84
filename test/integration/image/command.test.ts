/** `osv-faas image` as a person runs it, with the Node that runs the test and a kernel that is none. */
import { execFile } from 'node:child_process';
import { createHash } from 'node:crypto';
import { chmodSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { readdir } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, relative } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import type { ImageManifest } from '../../../src/image/manifest.ts';
import { interruptPatches } from '../../../src/image/elf/ring0.ts';
import { root } from '../../support/paths.ts';
import { elfFile, KERNEL } from '../../unit/image/elf-file.ts';

const run = promisify(execFile);
const MAX_BYTES = 512 * 1024 ** 2;

let folder: string;
let manifest: ImageManifest;
let output: string;

const at = (...names: string[]): string => join(folder, ...names);

async function image(
  args: readonly string[],
  cwd = folder,
): Promise<{ stdout: string; stderr: string }> {
  return run(process.execPath, [join(root, 'bin/osv-faas.js'), 'image', ...args], { cwd });
}

async function refused(args: readonly string[]): Promise<string> {
  const result: unknown = await image(args).catch((error: unknown) => error);
  return String((result as { stderr?: string }).stderr);
}

async function digestsIn(path: string): Promise<Map<string, string>> {
  const entries = await readdir(path, { recursive: true, withFileTypes: true });
  const files = entries
    .filter((entry) => entry.isFile())
    .map((entry) => relative(path, join(entry.parentPath, entry.name)))
    .toSorted();
  const { stdout } = await run('sha256sum', files, { cwd: path });
  const lines = stdout.trim().split('\n');
  return new Map(lines.map((line) => [line.slice(66), line.slice(0, 64)]));
}

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'osv-faas-image-'));
  writeFileSync(at('loader-stripped.elf'), elfFile(KERNEL));
  writeFileSync(at('script'), '#!/bin/sh\n');
  const { stderr } = await image(['build', '--kernel=loader-stripped.elf', '--output=one']);
  output = stderr;
  manifest = JSON.parse(readFileSync(at('one/image.json'), 'utf8')) as ImageManifest;
}, 60_000);

afterAll(() => {
  rmSync(folder, { recursive: true, force: true });
});

describe('image build', () => {
  test('says what it takes from where', () => {
    expect(output).toContain(`image: Node ${process.versions.node} from ${process.execPath}`);
    expect(output).toMatch(/image: library libgcc_s\.so\.1 from \//);
    expect(output).toContain('image: kernel OSv v0.57.0-398-g0e34e4dc, 0.0 MiB');
  });

  test('image.json names every file beside it, with its digest', async () => {
    const digests = await digestsIn(at('one'));
    const { kernel, disk, oci } = manifest;
    for (const file of [kernel, disk, oci?.kernel.tar, oci?.disk.tar]) {
      expect(digests.get(file?.file ?? '')).toBe(file?.sha256);
    }
    expect(manifest).toMatchObject({
      version: 1,
      runtime: 'node',
      command: ['/node', '/agent/main.js'],
    });
    expect(manifest.contents.map(({ name }) => name)).toEqual(
      expect.arrayContaining([
        '/node',
        '/agent/main.js',
        '/agent/thread.js',
        '/usr/lib/libgcc_s.so.1',
      ]),
    );
    const node = createHash('sha256')
      .update(await guestNode())
      .digest('hex');
    expect(manifest.contents.find(({ name }) => name === '/node')).toMatchObject({
      version: process.versions.node,
      sha256: node,
    });
  }, 60_000);

  test('the same inputs, in another folder: the same bytes', async () => {
    const other = mkdtempSync(join(tmpdir(), 'osv-faas-image-'));
    const kernel = at('loader-stripped.elf');
    try {
      const args = ['build', '--kernel', kernel, '--output=two'];
      await image(args, other);
      expect(await digestsIn(join(other, 'two'))).toEqual(await digestsIn(at('one')));
    } finally {
      rmSync(other, { recursive: true, force: true });
    }
  }, 60_000);

  test.each<[string, string[], string]>([
    ['no kernel', [], "required option '--kernel <file|url>' not specified"],
    ['a runtime that is not there', ['--kernel=x', '--runtime=cobol'], 'Allowed choices are node'],
    ['a kernel that is not there', ['--kernel=none'], 'none: '],
    [
      'a wrong digest',
      ['--kernel=loader-stripped.elf', `--kernel-sha256=${'0'.repeat(64)}`],
      'SHA-256 is',
    ],
    ['no ELF file', ['--kernel=script'], 'script: is not an ELF file'],
    [
      'a script as Node',
      ['--kernel=loader-stripped.elf', '--runtime-path=script'],
      'is not an ELF file',
    ],
    [
      'another program as Node',
      ['--kernel=loader-stripped.elf', '--runtime-path=/bin/ls'],
      'ls: is not Node',
    ],
    [
      'no loader',
      ['--kernel=loader-stripped.elf', '--loader=loader-stripped.elf'],
      'is not the boot image of OSv',
    ],
  ])('refuses %s', async (_what, args, message) => {
    expect(await refused(['build', '--output=three', ...args])).toContain(message);
  });

  test('leaves a folder with other files alone', async () => {
    expect(await refused(['build', '--kernel=loader-stripped.elf', '--output=.'])).toContain(
      '.: has other files in it and no image.json; give an empty folder',
    );
  });
});

/** This Node, but for what must not run in ring 0. */
async function guestNode(): Promise<Buffer> {
  const node = readFileSync(process.execPath);
  for (const { offset, bytes } of await interruptPatches(process.execPath)) node.set(bytes, offset);
  return node;
}

describe('image inspect, ls, cat', () => {
  test('inspect sums up', async () => {
    const { stdout } = await image(['inspect', 'one']);
    expect(stdout).toContain('command    /node /agent/main.js');
    expect(stdout).toMatch(/holds +\d+ files \(\d+ bytes\), \d+ folders, 1 links/);
    const json = JSON.parse((await image(['inspect', '--json', 'one/root.img'])).stdout) as object;
    expect(json).toMatchObject({ partition: { start: 512 }, links: 1 });
  });

  test('ls lists', async () => {
    const lines = (await image(['ls', '--recursive', 'one'])).stdout.split('\n');
    expect(lines).toContain('d           - /proc/self');
    expect(lines).toContain('-           0 /proc/self/maps');
    expect(lines).toContain('l           - /etc/mnttab -> /proc/mounts');
    const { stdout } = await image(['ls', 'one/root.img', '/agent']);
    expect(
      stdout
        .trim()
        .split('\n')
        .map((line) => line.slice(14)),
    ).toEqual(['/agent/agent.js', '/agent/main.js', '/agent/thread.js']);
    expect(await refused(['ls', 'one', '/none'])).toContain(
      '/none: there is no such path in the image',
    );
  });

  test('cat gives a file back, through links too', async () => {
    const options = { encoding: 'buffer', maxBuffer: MAX_BYTES } as const;
    const command = [join(root, 'bin/osv-faas.js'), 'image', 'cat', at('one')];
    const { stdout: node } = await run(process.execPath, [...command, '/node'], options);
    expect(node.equals(await guestNode())).toBe(true);
    const { stdout: table } = await image(['cat', 'one', '/etc/mnttab']);
    // Without procfs: Node 18 to 22 do not start with it.
    expect(table).toContain('/dev/vblk0.1 /    rofs');
    expect(table).not.toContain('procfs');
    expect(await refused(['cat', 'one', '/etc'])).toContain('/etc: is a folder');
  }, 60_000);

  test('inspect finds a byte that has changed', async () => {
    const disk = at('one/root.img');
    const bytes = readFileSync(disk);
    bytes.writeUInt8((bytes[5_000_000] ?? 0) ^ 1, 5_000_000);
    chmodSync(disk, 0o644);
    writeFileSync(disk, bytes);
    expect(await refused(['inspect', 'one'])).toMatch(
      /one: root\.img: SHA-256 is [0-9a-f]{64}, not/,
    );
    const failed = (await image(['inspect', 'one']).catch((error: unknown) => error)) as Error;
    expect(failed).toMatchObject({ stdout: '' });
  }, 60_000);
});
