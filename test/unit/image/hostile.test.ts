/** Images that lie: an error that says what is wrong, never a crash, a loop or the memory of the machine. */
import { readFileSync } from 'node:fs';
import { describe, expect, test } from '@jest/globals';
import { printable } from '../../../src/image/rofs/nodes.ts';
import { RofsImage } from '../../../src/image/rofs/reader.ts';
import type { Entry } from '../../../src/image/tree.ts';
import { random } from '../support/random.ts';
import { bytes, ownFolder, put, readRofs, writeRofs } from './support.ts';

const at = ownFolder();
/** Where things are in the image below: superblock, /a/f, then the tables. */
const TABLES = 1024;
const ENTRY = { a: TABLES, f: TABLES + 11 } as const;
const SECOND = 11;

async function image(): Promise<Buffer> {
  const tree = new Map<string, Entry>([
    ['/a/f', bytes('hello')],
    ['/l', { kind: 'link', target: 'l' }],
  ]);
  return readFileSync(await writeRofs(at('good'), tree));
}

/** Entries (f, then a and l), one link, inodes: root, a, f, l. */
const INODES = TABLES + 3 * SECOND + 3;
const inode = (number: number, field: number): number => INODES + (number - 1) * 32 + field * 8;
const superblock = (field: number): number => field * 8;

type Lie = (bytes: Buffer) => unknown;
const set = (at: number, value: bigint | number): Lie => {
  return (bytes) => bytes.writeBigUInt64LE(BigInt(value), at);
};

describe('refused', () => {
  test.each<[string, Lie, string]>([
    ['no mark', set(superblock(0), 0), 'is neither a ROFS nor a disk'],
    ['version 2', set(superblock(1), 2), 'ROFS of version 2'],
    ['blocks of 4096', set(superblock(2), 4096), 'blocks of 4096'],
    ['tables before the image', set(superblock(3), 0), 'tables are beyond the end'],
    ['tables beyond the end', set(superblock(3), 3), 'tables are beyond the end'],
    ['tables far beyond the end', set(superblock(3), 2n ** 64n - 1n), 'tables are beyond the end'],
    ['no tables', set(superblock(4), 0), 'tables are beyond the end'],
    ['more entries than room', set(superblock(5), 52), 'tables are too short'],
    ['2^63 links', set(superblock(6), 2n ** 63n), 'tables are too short'],
    ['2^63 inodes', set(superblock(7), 2n ** 63n), 'tables are too short'],
    ['no inodes', set(superblock(7), 0), 'no root folder'],
    ['more entries than there are', set(superblock(5), 30), 'name'],
    [
      'a name that is too long',
      (b) => b.writeUInt16LE(65_535, ENTRY.a + 8),
      'in the middle of an entry',
    ],
    ['an empty name', (b) => b.writeUInt16LE(0, ENTRY.a + 8), 'has the name ""'],
    ['a slash in a name', (b) => b.write('/', ENTRY.a + 10), 'has the name "/"'],
    ['root is a file', set(inode(1, 0), 0x8000), 'the first inode is not a folder'],
    [
      'an unknown kind',
      set(inode(2, 0), 0xc000),
      '/a: is no file, link or folder: its mode is 49152',
    ],
    ['a wrong number', set(inode(3, 1), 4), 'inode 3 calls itself 4'],
    ['inode 0', set(ENTRY.f, 0), '/a: its inode 0 does not exist'],
    ['inode 2^64-1', set(ENTRY.f, 2n ** 64n - 1n), 'does not exist'],
    ['entries beyond the table', set(inode(2, 3), 9), '/a: its entries are beyond the end'],
    ['entries far beyond', set(inode(2, 2), 2n ** 63n), '/a: its entries are beyond the end'],
    ['data beyond the end', set(inode(3, 2), 3), '/a/f: its 5 bytes are beyond the end'],
    ['a file of 2^60 bytes', set(inode(3, 3), 2n ** 60n), '/a/f: its'],
    ['a target beyond the table', set(inode(4, 2), 1), '/l: its target is beyond the end'],
    ['a folder within itself', set(ENTRY.a, 2), '/a/f: a folder of the image is in two places'],
    ['the root within a folder', set(ENTRY.a, 1), 'a folder of the image is in two places'],
  ])('%s', async (_why, lie, message) => {
    const wrong = await image();
    lie(wrong);
    await expect(readRofs(put(at('wrong'), wrong))).rejects.toThrow(message);
  });

  test.each([0, 1, 511, 512, 1023, 1024, 1500])('cut off after %i bytes', async (size) => {
    const wrong = (await image()).subarray(0, size);
    await expect(readRofs(put(at('wrong'), wrong))).rejects.toThrow(/ROFS|beyond the end/);
  });

  test('a qcow2 file, with what to do', async () => {
    const qcow2 = Buffer.alloc(1024);
    qcow2.write('QFI\u00fb', 'latin1');
    await expect(readRofs(put(at('wrong'), qcow2))).rejects.toThrow('qemu-img convert -O raw');
  });

  test('a link to itself is followed for a while only', async () => {
    await using rofs = await RofsImage.open(put(at('good'), await image()));
    expect(() => rofs.find('/l', true)).toThrow('/l: more than 40 links to follow');
    expect(rofs.find('/l', false).kind).toBe('link');
  });

  test('folders that share their entries', async () => {
    const tree = new Map<string, Entry>();
    for (let index = 0; index < 300; index += 1) tree.set(`/${index}`, { kind: 'folder' });
    const wrong = readFileSync(await writeRofs(at('good'), tree));
    const inodes = 301 * 32;
    const entries = [...tree.keys()].reduce((sum, path) => sum + 9 + path.length, 0);
    const start = 512 + entries;
    // Every folder has all of the root's entries: 300 to the power of 300 paths.
    for (let at = start; at < start + inodes; at += 32) {
      wrong.writeBigUInt64LE(0n, at + 16);
      wrong.writeBigUInt64LE(300n, at + 24);
    }
    await expect(readRofs(put(at('wrong'), wrong))).rejects.toThrow('in two places');
  });

  test('10,000 folders in each other', async () => {
    const wrong = deep(10_000);
    await expect(readRofs(put(at('wrong'), wrong))).rejects.toThrow('is a path too long');
  });
});

/** The writer would not: the path has more bytes than a path may have. */
function deep(depth: number): Buffer {
  const entries = Buffer.alloc(depth * 11);
  const inodes = Buffer.alloc((depth + 1) * 32);
  for (let index = 0; index <= depth; index += 1) {
    const values = [0x4000, index + 1, index, index < depth ? 1 : 0];
    values.forEach((value, field) =>
      inodes.writeBigUInt64LE(BigInt(value), index * 32 + field * 8),
    );
    if (index === depth) break;
    entries.writeBigUInt64LE(BigInt(index + 2), index * 11);
    entries.writeUInt16LE(1, index * 11 + 8);
    entries.write('d', index * 11 + 10);
  }
  const tables = Buffer.concat([entries, inodes, Buffer.alloc(512)]);
  const blocks = Math.floor(tables.length / 512);
  const head = Buffer.alloc(512);
  [0xdeadbead, 1, 512, 1, blocks, depth, 0, depth + 1].forEach((value, index) => {
    head.writeBigUInt64LE(BigInt(value), index * 8);
  });
  return Buffer.concat([head, tables]);
}

test('600 images with random damage are read or refused', async () => {
  const good = await image();
  const dice = random(1);
  let refused = 0;
  for (let round = 0; round < 600; round += 1) {
    const wrong = Buffer.from(good);
    for (let hit = dice.int(1, 6); hit > 0; hit -= 1) {
      const where = dice.pick([dice.int(0, 63), dice.int(TABLES, INODES + 4 * 32)]);
      wrong[where] = dice.pick([0, 0xff, dice.int(0, 255)]);
    }
    const result = await readRofs(put(at('wrong'), wrong)).catch((error: unknown) => error);
    expect(result instanceof Map || result instanceof Error).toBe(true);
    // An error of ours has words; these are what a missed check looks like.
    if (result instanceof Error) {
      expect(result.message).not.toMatch(
        /undefined|NaN|out of range|is not a function|Invalid array length/,
      );
      refused += 1;
    }
  }
  expect(refused).toBeGreaterThan(300);
});

test.each([
  [Buffer.from('/文件'), '/文件'],
  [Buffer.from('/a\nb'), '/a\\x0ab'],
  [Buffer.from('/\u001b[31m'), '/\\x1b[31m'],
  [Buffer.from('/\u202eexe'), '/\\xe2\\x80\\xaeexe'],
  [Buffer.from('/\\x0a'), '/\\x5cx0a'],
  [Buffer.from([0x2f, 0xff]), '/\\xff'],
])('%o is printed as %s', (name, text) => {
  expect(printable(name)).toBe(text);
});
