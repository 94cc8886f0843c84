import { describe, expect, test } from '@jest/globals';
import { gzipSync } from 'node:zlib';
import { unpack } from '../../../src/adapters/archive/unpack.ts';
import { MAX_FILES, MAX_SOURCE_BYTES } from '../../../src/operator/sources/files.ts';
import { zeros } from '../../support/hostile-archive.ts';
import { tarOf, type Entry } from '../../support/tar.ts';

async function unpacked(archive: Buffer): Promise<Record<string, string>> {
  const files = await unpack(archive);
  return Object.fromEntries(files.map(({ path, content }) => [path, content.toString('utf8')]));
}

const LONG = `${'d'.repeat(90)}/${'f'.repeat(90)}.js`;

const GOOD: readonly { why: string; archive: Buffer; files: Record<string, string> }[] = [
  {
    why: 'files, also empty ones; folders go without saying',
    archive: tarOf(
      { path: 'lib/', type: '5' },
      { path: 'lib/a.js', content: 'a' },
      { path: 'empty.txt' },
    ),
    files: { 'lib/a.js': 'a', 'empty.txt': '' },
  },
  {
    why: 'compressed',
    archive: gzipSync(tarOf({ path: 'a.js', content: 'a' })),
    files: { 'a.js': 'a' },
  },
  {
    why: 'as "tar c ." makes it',
    archive: tarOf({ path: './', type: '5' }, { path: './a.js', content: 'a' }),
    files: { 'a.js': 'a' },
  },
  {
    why: 'the type of old archives',
    archive: tarOf({ path: 'a.js', content: 'a', type: '\0' }),
    files: { 'a.js': 'a' },
  },
  {
    why: 'a long name, as GNU tar writes it',
    archive: tarOf(
      { path: '././@LongLink', type: 'L', content: `${LONG}\0` },
      { path: LONG.slice(0, 100), content: 'a' },
    ),
    files: { [LONG]: 'a' },
  },
  {
    why: 'attributes that macOS and others put before a file',
    archive: tarOf(
      { path: 'PaxHeader/a.js', type: 'x', content: '19 path=other/a.js\n' },
      { path: 'a.js', content: 'a' },
    ),
    files: { 'other/a.js': 'a' },
  },
  {
    why: 'npm’s links to commands are passed over: nothing in a VM calls them',
    archive: tarOf(
      { path: 'a.js', content: 'a' },
      { path: 'node_modules/.bin/tool', type: '2', link: '../tool/cli.js' },
      { path: 'node_modules/x/node_modules/.bin/tool', type: '2', link: '../../../../etc' },
    ),
    files: { 'a.js': 'a' },
  },
  {
    why: 'a hard link is the file that it links to',
    archive: tarOf(
      { path: './a.js', content: 'a' },
      { path: 'lib/b.js', type: '1', link: './a.js' },
      { path: 'lib/c.js', type: '1', link: 'lib/b.js' },
    ),
    files: { 'a.js': 'a', 'lib/b.js': 'a', 'lib/c.js': 'a' },
  },
  {
    why: 'of two with one name the later one, as tar unpacks them',
    archive: tarOf({ path: 'a.js', content: 'old' }, { path: './a.js', content: 'new' }),
    files: { 'a.js': 'new' },
  },
  {
    why: 'names of more than ASCII',
    archive: tarOf({ path: 'größe.js', content: 'ä' }),
    files: { 'größe.js': 'ä' },
  },
  {
    why: 'what stands behind its end is not looked at',
    archive: Buffer.concat([gzipSync(tarOf({ path: 'a.js', content: 'a' })), zeros(2 ** 31)]),
    files: { 'a.js': 'a' },
  },
  {
    why: 'no blocks of zeros at the end: many tools forget them',
    archive: tarOf({ path: 'a.js', content: 'a' }).subarray(0, 1024),
    files: { 'a.js': 'a' },
  },
];

describe('an archive', () => {
  test.each(GOOD)('$why', async ({ archive, files }) => {
    expect(await unpacked(archive)).toEqual(files);
  });

  test('of zeros comes whole: packed well is not packed badly', async () => {
    const content = '\0'.repeat(20_000_000);
    expect(await unpacked(gzipSync(tarOf({ path: 'db', content })))).toEqual({ db: content });
  });

  test('larger than a chunk comes whole', async () => {
    const content = 'x'.repeat(3_000_000);
    const archive = gzipSync(tarOf({ path: 'big.txt', content }, { path: 'b.js', content: 'b' }));
    expect(await unpacked(archive)).toEqual({ 'big.txt': content, 'b.js': 'b' });
  });
});

const file = (path: string): Entry => ({ path, content: 'x' });
const whole = tarOf({ path: 'a.js', content: 'a'.repeat(5_000) });

const BAD: readonly { why: string; archive: Buffer; reason: string; says: string }[] = [
  {
    why: 'a path that climbs out',
    archive: tarOf(file('../../etc/passwd')),
    reason: 'PathInvalid',
    says: '../../etc/passwd',
  },
  {
    why: 'a path that climbs out further on',
    archive: tarOf(file('lib/../../x')),
    reason: 'PathInvalid',
    says: 'lib/../../x',
  },
  {
    why: 'an absolute path',
    archive: tarOf(file('/etc/passwd')),
    reason: 'PathInvalid',
    says: '/etc/passwd',
  },
  {
    why: 'a path for Windows',
    archive: tarOf(file('..\\x')),
    reason: 'PathInvalid',
    says: 'backslashes',
  },
  {
    why: 'a symbolic link: the guest would follow it',
    archive: tarOf(file('a.js'), { path: 'key', type: '2', link: '/etc/shadow' }),
    reason: 'ArchiveInvalid',
    says: '"key" is a SymbolicLink',
  },
  {
    why: 'a link that only looks like a command',
    archive: tarOf({ path: 'node_modules/.binx/tool', type: '2', link: '/etc' }),
    reason: 'ArchiveInvalid',
    says: 'SymbolicLink',
  },
  {
    why: 'a hard link, even among the commands',
    archive: tarOf({ path: 'node_modules/.bin/tool', type: '1', link: '/etc/shadow' }),
    reason: 'ArchiveInvalid',
    says: '"node_modules/.bin/tool" is a link to "/etc/shadow", which is no file before it',
  },
  {
    why: 'a device',
    archive: tarOf({ path: 'null', type: '3' }),
    reason: 'ArchiveInvalid',
    says: '"null" is a CharacterDevice',
  },
  { why: 'nothing', archive: Buffer.alloc(0), reason: 'ArchiveInvalid', says: '' },
  { why: 'zeros', archive: Buffer.alloc(4096), reason: 'ArchiveInvalid', says: '' },
  {
    why: 'folders alone',
    archive: tarOf({ path: 'lib/', type: '5' }),
    reason: 'ArchiveInvalid',
    says: 'no files',
  },
  {
    why: 'the page of a login instead of the archive',
    archive: Buffer.from(`<!doctype html>${' '.repeat(2_000)}`),
    reason: 'ArchiveInvalid',
    says: '',
  },
  {
    why: 'a sparse file, as GNU tar writes it today',
    archive: tarOf(
      {
        path: 'PaxHeaders/a.js',
        type: 'x',
        content: '22 GNU.sparse.major=1\n22 GNU.sparse.minor=0\n',
      },
      { path: './GNUSparseFile.7/a.js', content: '1\n0\n1\nx' },
    ),
    reason: 'ArchiveInvalid',
    says: 'is sparse; pack it without --sparse',
  },
  {
    why: 'a sparse file, as GNU tar wrote it once',
    archive: tarOf({ path: 'a.js', content: 'a', type: 'S' }),
    reason: 'ArchiveInvalid',
    says: '"a.js", a ',
  },
  {
    why: 'a hard link to what comes later',
    archive: tarOf({ path: 'b.js', type: '1', link: 'a.js' }, { path: 'a.js', content: 'a' }),
    reason: 'ArchiveInvalid',
    says: '"b.js" is a link to "a.js", which is no file before it',
  },
  ...[
    ['28b52ffd', 'zstd'],
    ['425a6839', 'bzip2'],
    ['fd377a585a00', 'xz'],
    ['377abcaf271c', '7z'],
    ['526172211a0701', 'rar'],
  ].map(([head = '', says = '']): (typeof BAD)[number] => ({
    why: says,
    archive: Buffer.concat([Buffer.from(head, 'hex'), Buffer.alloc(2_000)]),
    reason: 'ArchiveInvalid',
    says: `it is ${says}; pack it as tar.gz or zip`,
  })),
  {
    why: 'cut off in the middle of a file',
    archive: whole.subarray(0, 2_048),
    reason: 'ArchiveInvalid',
    says: '',
  },
  {
    why: 'cut off in the middle of a head',
    archive: whole.subarray(0, 300),
    reason: 'ArchiveInvalid',
    says: '',
  },
  {
    why: 'compressed and cut off',
    archive: gzipSync(whole).subarray(0, 40),
    reason: 'ArchiveInvalid',
    says: '',
  },
  {
    why: 'compressed and damaged',
    archive: Buffer.concat([gzipSync(whole).subarray(0, 30), Buffer.alloc(50, 7)]),
    reason: 'ArchiveInvalid',
    says: '',
  },
  {
    why: 'a head whose sum is wrong',
    archive: Buffer.concat([Buffer.from('x'), whole.subarray(1)]),
    reason: 'ArchiveInvalid',
    says: '',
  },
  {
    why: 'a file that says to be larger than all may be',
    archive: tarOf({ path: 'a.js', content: 'x', size: MAX_SOURCE_BYTES + 1 }),
    reason: 'SourceTooLarge',
    says: '67108864 bytes',
  },
  {
    why: 'nothing but folders, very many',
    archive: gzipSync(
      tarOf(...Array.from({ length: 3 * MAX_FILES + 1 }, () => ({ path: 'd/', type: '5' }))),
    ),
    reason: 'SourceTooLarge',
    says: '20000',
  },
  {
    why: 'more files than agents take',
    archive: gzipSync(
      tarOf(...Array.from({ length: MAX_FILES + 1 }, (_, index) => ({ path: `f${index}` }))),
    ),
    reason: 'SourceTooLarge',
    says: '20000',
  },
];

describe('what must not be unpacked is refused, and named', () => {
  test.each(BAD)('$why', async ({ archive, reason, says }) => {
    const problem = unpack(archive);
    await expect(problem).rejects.toMatchObject({ name: 'SourceProblem', reason });
    await expect(problem).rejects.toThrow(says);
  });
});
