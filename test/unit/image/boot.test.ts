import { readdirSync, readFileSync } from 'node:fs';
import { describe, expect, test } from '@jest/globals';
import { extract } from 'tar';
import { bootHead, readLoader } from '../../../src/image/disk/boot.ts';
import { withRootPartition } from '../../../src/image/disk/mbr.ts';
import { DISK_FILES, writeDisks } from '../../../src/image/disk/write.ts';
import { digestOf } from '../../../src/image/hashed-file.ts';
import { prepareRofs } from '../../../src/image/rofs/writer.ts';
import { bytes, collect, ownFolder, put, readRofs } from './support.ts';

const at = ownFolder();
const KIB = 1024;
const SIZE = 64 * KIB + 3 * 32 * KIB;

/** As OSv's build leaves it: mark, size in units of 32 KiB, an old command line, the kernel. */
function loader(edit: (bytes: Buffer) => unknown = () => undefined): Buffer {
  const bytes = Buffer.alloc(SIZE, 'kernel');
  bytes.fill(0, 0, 512).write('VSO', 0x1b8);
  bytes.writeUInt16LE(3, 0x10);
  bytes.writeUInt16BE(0x55aa, 510);
  edit(bytes);
  return bytes;
}

describe('a disk that boots', () => {
  test('boot code, partition, command line, kernel, then room up to 2 MiB', async () => {
    const found = await readLoader(put(at('loader.img'), loader()));
    const start = 2 * KIB * KIB;
    expect(found.partitionStart).toBe(start);
    const mbr = withRootPartition({ start, size: 512 }, found.sector);
    const disk = await collect(bootHead(found, mbr, '--rootfs=rofs /node'));
    expect(disk).toHaveLength(start);
    expect(disk.subarray(0, 512).equals(mbr)).toBe(true);
    expect(disk.toString('latin1', 512, 532)).toBe('--rootfs=rofs /node\0');
    // Nothing of the command line that was there before.
    expect(disk.subarray(532, 64 * KIB).every((byte) => byte === 0)).toBe(true);
    expect(disk.subarray(64 * KIB, SIZE).equals(loader().subarray(64 * KIB))).toBe(true);
    expect(disk.subarray(SIZE).every((byte) => byte === 0)).toBe(true);
  });

  test.each([
    ['x'.repeat(63 * 512), 'must be one line of less than 32256 bytes, it has 32256'],
    ['/node\n/other', 'must be one line'],
  ])('a command line that does not fit', async (commandLine, message) => {
    const found = await readLoader(put(at('loader.img'), loader()));
    await expect(collect(bootHead(found, found.sector, commandLine))).rejects.toThrow(message);
  });
});

describe('every form of a disk', () => {
  const files = new Map([['/hello', bytes('hello')]]);

  test('has the same files, and the digest that is told', async () => {
    const boot = { loader: await readLoader(put(at('loader.img'), loader())), commandLine: '/x' };
    const rofs = await prepareRofs(files);
    const { digests, contents } = await writeDisks(at(), rofs, { boot, layer: true });
    expect(contents.map(({ path }) => path)).toEqual(['/hello']);
    for (const [name, digest] of digests) {
      expect(digestOf(readFileSync(at(DISK_FILES[name])))).toEqual(digest);
    }
    expect(await readRofs(at('root.img'))).toEqual(files);
    expect(await readRofs(at('boot.img'))).toEqual(files);
    for (const [disk, layer, file] of [
      ['root.img', 'disk.layer', 'disk/root.img'],
      ['boot.img', 'boot.layer', 'disk/boot.img'],
    ] as const) {
      await extract({ file: at(layer), cwd: at() });
      expect(readFileSync(at(file)).equals(readFileSync(at(disk)))).toBe(true);
    }
  });

  test('is the plain one alone, if no other is wanted', async () => {
    const { digests } = await writeDisks(at(), await prepareRofs(files), { layer: false });
    expect([...digests.keys()]).toEqual(['disk']);
    expect(readdirSync(at())).toEqual(['root.img']);
  });
});

describe('refused as a loader', () => {
  test.each<[string, Buffer, string]>([
    ['nothing', Buffer.alloc(0), 'is not the boot image of OSv'],
    ['another disk', Buffer.alloc(SIZE), 'is not the boot image of OSv'],
    ['cut off', loader().subarray(0, SIZE - 1), `is cut off: it has ${SIZE - 1} bytes of ${SIZE}`],
    [
      'a whole disk',
      loader((b) => withRootPartition({ start: 2 ** 21, size: 512 }, b.subarray(0, 512)).copy(b)),
      'has a root partition already',
    ],
  ])('%s', async (_what, bytes, message) => {
    await expect(readLoader(put(at('loader.img'), bytes))).rejects.toThrow(message);
  });
});
