import { readFileSync, truncateSync, writeFileSync } from 'node:fs';
import { describe, expect, test } from '@jest/globals';
import { prepareRofs } from '../../../src/image/rofs/writer.ts';
import { mergeTrees, type Entry } from '../../../src/image/tree.ts';
import { bytes, collect, ownFolder, readRofs, writeRofs } from './support.ts';

const at = ownFolder();
const tree = (...entries: [string, Entry][]): Map<string, Entry> => new Map(entries);

describe('on disk', () => {
  test('the bytes that the kernel reads', async () => {
    const image = readFileSync(
      await writeRofs(
        at('image'),
        tree(['/b', bytes('hello')], ['/ä', { kind: 'link', target: '/b' }]),
      ),
    );
    const numbers = Array.from({ length: 8 }, (_, index) => image.readBigUInt64LE(index * 8));
    // Tables in block 2, one block of them, 2 entries, 1 link, 3 inodes.
    expect(numbers).toEqual([0xdeadbeadn, 1n, 512n, 2n, 1n, 2n, 1n, 3n]);
    expect(image.toString('latin1', 512, 520)).toBe('hello\0\0\0');
    const entries = '0200000000000000' + '0100' + '62' + '0300000000000000' + '0200' + 'c3a4';
    const links = '0200' + '2f62';
    const inode = (...values: number[]): string =>
      values
        .map((value) =>
          Buffer.from([value % 256, value / 256])
            .toString('hex')
            .padEnd(16, '0'),
        )
        .join('');
    const inodes = inode(0x4000, 1, 0, 2) + inode(0x8000, 2, 1, 5) + inode(0xa000, 3, 0, 1);
    const tables = entries + links + inodes;
    expect(image.toString('hex', 1024)).toBe(tables.padEnd(1024, '0'));
  });

  test.each([
    [0, 0],
    [1, 1],
    [512, 1],
    [513, 2],
    [5 * 512, 5],
  ])('a file of %i bytes takes %i blocks', async (size, blocks) => {
    const { bytes: total } = await prepareRofs(tree(['/f', bytes(Buffer.alloc(size))]));
    expect(total).toBe((1 + blocks + 1) * 512);
  });

  test('nothing at all is an empty root folder', async () => {
    expect(await readRofs(await writeRofs(at('image'), tree()))).toEqual(tree());
  });

  test('10,000 files in 100 folders', async () => {
    const many = tree();
    for (let index = 0; index < 10_000; index += 1) {
      many.set(`/${index % 100}/${index}`, bytes(String(index)));
    }
    const found = await readRofs(await writeRofs(at('image'), many));
    expect(found.size).toBe(10_100);
    expect([...many].every(([path, entry]) => 'bytes' in entry && found.has(path))).toBe(true);
    expect(found.get('/42/4242')).toEqual(bytes('4242'));
  });
});

describe('refused', () => {
  const file = bytes('');
  test.each<[string, Map<string, Entry>, string]>([
    ['relative path', tree(['a', file]), '"a": must begin with /'],
    ['root itself', tree(['/', file]), '"/": a name must not be empty'],
    ['two slashes', tree(['/a//b', file]), '"/a//b": a name must not be empty'],
    ['dots', tree(['/a/../b', file]), '"/a/../b": a name must not be empty, "." or ".."'],
    ['NUL', tree(['/a\0', file]), '"/a\\u0000": a name must not contain NUL'],
    ['half a character', tree(['/\ud800', file]), 'half of a surrogate pair'],
    ['name too long', tree([`/${'ä'.repeat(128)}`, file]), 'at most 255 bytes, this one has 256'],
    ['path too long', tree(['/abc'.repeat(1024), file]), 'at most 4095 bytes, this one has 4096'],
    ['empty target', tree(['/l', { kind: 'link', target: '' }]), '"/l": the target of a link'],
    ['long target', tree(['/l', { kind: 'link', target: 'x'.repeat(4096) }]), 'it has 4096'],
    ['file below a file', tree(['/a', file], ['/a/b', file]), '/a/b: /a is a file'],
    [
      'file over a folder',
      tree(['/a/b', file], ['/a', file]),
      '/a: is a folder, so it cannot be a file',
    ],
    ['no source', tree(['/a', { kind: 'file', source: '/no/such' }]), 'no such file or directory'],
    ['folder as source', tree(['/a', { kind: 'file', source: '/tmp' }]), '/a: /tmp is not a file'],
  ])('%s', async (_why, wrong, message) => {
    await expect(prepareRofs(wrong)).rejects.toThrow(message);
  });

  test.each([
    ['shorter', 10],
    ['longer', 3_000_000],
  ])('a file that becomes %s while the image is written', async (_what, size) => {
    const source = at('source');
    writeFileSync(source, Buffer.alloc(2_000_000));
    const rofs = await prepareRofs(tree(['/a', { kind: 'file', source }]));
    truncateSync(source, size);
    const reading = collect(rofs.pieces());
    await expect(reading).rejects.toThrow('/a: ' + source + ' has changed while it was read');
  });

  test('the same path from two trees', () => {
    expect(() => mergeTrees(tree(['/a', file]), tree(['/a', file]))).toThrow(
      '/a: is in the image twice',
    );
    const folder: Entry = { kind: 'folder' };
    expect(mergeTrees(tree(['/a', folder]), tree(['/a', folder])).size).toBe(1);
  });
});
