/** Zips as an attacker writes them. */
import type { HostileArchive } from './hostile-archive.ts';
import { zipOf, type Member } from './zip.ts';

const MIB = 1024 * 1024;
const PATH = 'PathInvalid' as const;
const INVALID = 'ArchiveInvalid' as const;
const LARGE = 'SourceTooLarge' as const;
const file = (path: string, content: string | Buffer = 'x'): Member => ({ path, content });

/** Where in a zip of one short member its directory says how large that is. */
function patched(offsetFromDirectory: number, value: number): Buffer {
  const zip = zipOf(file('a.js', 'x'.repeat(100)));
  zip.writeUInt32LE(value, zip.indexOf('PK\x01\x02', 0, 'latin1') + offsetFromDirectory);
  return zip;
}

const paths: readonly HostileArchive[] = [
  ['../x', INVALID],
  ['a/../../x', INVALID],
  ['/etc/passwd', INVALID],
  ['a\\..\\x', INVALID],
  ['c:/x', INVALID],
  ['a//b', PATH],
  ['.', PATH],
  [`${'d/'.repeat(200)}x`, PATH],
  ['n'.repeat(300), PATH],
].map(([path = '', reason]) => ({
  ...{ why: `a zip with the path ${path.slice(0, 20)}`, reason: reason as typeof PATH, says: '' },
  archive: () => zipOf(file(path)),
}));

const kinds: readonly HostileArchive[] = [
  [0o120777, 'SymbolicLink'],
  [0o020666, 'CharacterDevice'],
  [0o060666, 'BlockDevice'],
  [0o010666, 'FIFO'],
  [0o140777, 'Socket'],
].map(([mode, kind]) => ({
  ...{ why: `a zip with a ${kind}`, reason: INVALID, says: `"b" is a ${kind}` },
  archive: () => zipOf(file('a.js'), { ...file('b', '/etc/shadow'), mode: Number(mode) }),
}));

const contents: readonly HostileArchive[] = [
  {
    ...{ why: 'a zip whose member is encrypted', reason: INVALID, says: '"a.js" is encrypted' },
    archive: () => zipOf({ ...file('a.js'), encrypted: true }),
  },
  {
    ...{ why: 'a zip that is packed otherwise', reason: INVALID, says: 'packed by method 14' },
    archive: () => zipOf({ ...file('a.js'), method: 14 }),
  },
  {
    ...{ why: 'a zip whose member is another', reason: INVALID, says: 'its checksum says' },
    archive: () => zipOf({ ...file('a.js'), crc: 1 }),
  },
  {
    ...{ why: 'a zip whose member is longer than it says', reason: INVALID, says: '' },
    archive: () => zipOf({ ...file('a.js', 'x'.repeat(MIB)), size: 10 }),
  },
  {
    ...{ why: 'a zip whose member is shorter than it says', reason: INVALID, says: '' },
    archive: () => zipOf({ ...file('a.js'), size: 10 }),
  },
  {
    ...{ why: 'a zip whose member is a bomb, it says', reason: LARGE, says: '67108864 bytes' },
    archive: () => zipOf({ ...file('a.js'), size: 65 * MIB }),
  },
  {
    ...{ why: 'a zip of zeros', reason: LARGE, says: '200 times' },
    archive: () => zipOf(...[1, 2, 3].map((n) => file(`${n}`, Buffer.alloc(20 * MIB)))),
  },
  {
    ...{ why: 'a zip whose members overlap', reason: LARGE, says: '200 times' },
    archive: overlapping,
  },
  {
    ...{ why: 'a zip of nothing but folders, very many', reason: LARGE, says: '20000 files' },
    archive: () => zipOf(...Array.from({ length: 60_001 }, (_, n) => file(`${n}/`, ''))),
  },
  {
    ...{ why: 'a zip with more files than agents take', reason: LARGE, says: '20000 files' },
    archive: () => zipOf(...Array.from({ length: 20_001 }, (_, n) => file(`${n}`, ''))),
  },
  { ...{ why: 'a zip without a member', reason: INVALID, says: '' }, archive: () => zipOf() },
  {
    ...{ why: 'a zip that is cut off', reason: INVALID, says: '' },
    archive: () => zipOf(file('a.js')).subarray(0, -10),
  },
  {
    ...{ why: 'a zip whose member begins behind its end', reason: INVALID, says: '' },
    archive: () => patched(42, 0x7fff_ffff),
  },
  {
    ...{ why: 'a zip whose member is packed into more than there is', reason: INVALID, says: '' },
    archive: () => patched(20, 0x7fff_ffff),
  },
];

/** One packed megabyte that fifty entries name as theirs. */
function overlapping(): Buffer {
  const one = zipOf(file('a', Buffer.alloc(MIB)));
  const start = one.indexOf('PK\x01\x02', 0, 'latin1');
  const entry = one.subarray(start, -22);
  const end = Buffer.from(one.subarray(-22));
  const entries = Array.from({ length: 50 }, (_, n) => {
    const copy = Buffer.from(entry);
    copy.write(String.fromCharCode(0x61 + (n % 26)), copy.length - 1);
    return copy;
  });
  end.writeUInt16LE(50, 8);
  end.writeUInt16LE(50, 10);
  end.writeUInt32LE(50 * entry.length, 12);
  return Buffer.concat([one.subarray(0, start), ...entries, end]);
}

export const HOSTILE_ZIPS: readonly HostileArchive[] = [...paths, ...kinds, ...contents];
