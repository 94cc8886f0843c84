/** Archives as an attacker writes them: each costs little to send, and breaks a rule or a bound when it is unpacked. */
import { gzipSync } from 'node:zlib';
import type { SourceReason } from '../../src/operator/sources/problem.ts';
import { tarOf, type Entry } from './tar.ts';

const MIB = 1024 * 1024;

export interface HostileArchive {
  readonly why: string;
  /** Made when it is asked for: some are large. */
  readonly archive: () => Buffer;
  readonly reason: SourceReason;
  readonly says: string;
}

let member: Buffer | undefined;

/** A .gz of so many zeros, a thousandth of them in size: gzip lets members be put one behind the other. */
export function zeros(bytes: number): Buffer {
  member ??= gzipSync(Buffer.alloc(64 * MIB), { level: 9 });
  return Buffer.concat(new Array<Buffer>(Math.ceil(bytes / (64 * MIB))).fill(member));
}

const file = (path: string, content = 'x'): Entry => ({ path, content });
const named = (path: string): Entry[] => [
  { path: '././@LongLink', type: 'L', content: `${path}\0` },
  file(path.slice(0, 100)),
];
/** Extended attributes (POSIX.1-2001) for the file behind them. */
const pax = (records: string, type = 'x'): Entry => ({ path: 'PaxHeader', type, content: records });
const record = (text: string): string => `${text.length + 4} ${text}\n`;
const PATH = 'PathInvalid' as const;
const INVALID = 'ArchiveInvalid' as const;
const LARGE = 'SourceTooLarge' as const;

function sized(size: Buffer): Buffer {
  const archive = tarOf(file('a.js'));
  size.copy(archive, 124);
  archive.fill(' ', 148, 156);
  const sum = archive.subarray(0, 512).reduce((total, byte) => total + byte, 0);
  archive.write(`${sum.toString(8).padStart(6, '0')}\0 `, 148);
  return archive;
}

const paths: readonly HostileArchive[] = [
  ...['../x', 'a/../../x', '/etc/passwd', 'a/..', 'a//b', 'c:\\x', '..'].map((path) => ({
    ...{ why: `the path ${path}`, archive: () => tarOf(file(path)), reason: PATH, says: 'path' },
  })),
  {
    ...{ why: 'a path in extended attributes', reason: PATH, says: '../../etc/cron.d/x' },
    archive: () => tarOf(pax(record('path=../../etc/cron.d/x')), file('a.js')),
  },
  {
    ...{ why: 'a long name that climbs out', reason: PATH, says: '../' },
    archive: () => tarOf(...named(`${'../'.repeat(60)}etc/passwd`)),
  },
  {
    ...{ why: 'folders without end', reason: PATH, says: 'deeper than' },
    archive: () => tarOf(...named(`${'d/'.repeat(200)}x`)),
  },
  {
    ...{ why: 'a name that no system takes', reason: PATH, says: 'at most 1024 bytes' },
    archive: () => tarOf(...named('n'.repeat(300))),
  },
  {
    ...{ why: 'a name of half a megabyte', reason: INVALID, says: '' },
    archive: () => tarOf(...named('n/'.repeat(MIB / 4))),
  },
  {
    ...{ why: 'a file that is a folder too', reason: PATH, says: 'must not lie below a' },
    archive: () => tarOf(file('a'), file('a/b/c')),
  },
];

const types: readonly HostileArchive[] = ['1', '2', '3', '4', '6', 'S', 'M', 'V'].map((type) => ({
  ...{ why: `an entry of the type ${type}`, reason: INVALID, says: '' },
  archive: () => tarOf(file('a.js'), { path: 'b', type, link: '/etc/shadow' }),
}));

const sizes: readonly HostileArchive[] = [
  {
    ...{ why: 'a file of eight gigabytes, it says', reason: LARGE, says: '67108864 bytes' },
    archive: () => tarOf({ ...file('a.js'), size: 8 * 1024 * MIB - 1 }),
  },
  {
    ...{ why: 'a file of 2^62 bytes, in the other notation', reason: INVALID, says: '' },
    archive: () => sized(Buffer.from('800000004000000000000000', 'hex')),
  },
  {
    ...{ why: 'a file of 2^45 bytes, in the other notation', reason: LARGE, says: '' },
    archive: () => sized(Buffer.from('800000000000200000000000', 'hex')),
  },
  {
    ...{ why: 'a file of less than nothing', reason: INVALID, says: '' },
    archive: () => sized(Buffer.from('ffffffffffffffffffffff00', 'hex')),
  },
  {
    ...{ why: 'a size in extended attributes', reason: LARGE, says: '67108864 bytes' },
    archive: () => tarOf(pax(record('size=99999999999')), file('a.js')),
  },
  {
    ...{ why: 'extended attributes of megabytes', reason: INVALID, says: '' },
    archive: () => gzipSync(tarOf(pax(record(`path=${'p'.repeat(2 * MIB)}`)), file('a.js'))),
  },
  {
    ...{ why: 'a million attributes', reason: PATH, says: '' },
    archive: () =>
      gzipSync(tarOf(pax(`${record('path=../a')}${record('a=1').repeat(100_000)}`), file('a.js'))),
  },
  {
    ...{ why: 'entries without end', reason: LARGE, says: '20000 files' },
    archive: () =>
      gzipSync(
        Buffer.concat(
          Array.from({ length: 70 }, () => tarOf(...thousandFolders).subarray(0, -1024)),
        ),
      ),
  },
];

const thousandFolders = Array.from({ length: 1000 }, (): Entry => ({ path: 'd/', type: '5' }));

const packing: readonly HostileArchive[] = [
  {
    ...{ why: 'zeros, two gigabytes of them', reason: INVALID, says: '' },
    archive: () => zeros(2048 * MIB),
  },
  {
    ...{ why: 'a file of zeros', reason: LARGE, says: '200 times' },
    archive: () => Buffer.concat([gzipSync(headOf(60 * MIB)), zeros(64 * MIB)]),
  },
  {
    ...{ why: 'files of zeros', reason: LARGE, says: '200 times' },
    archive: () => gzipSync(Buffer.concat(Array.from({ length: 60 }, () => emptyMegabyte))),
  },
  {
    ...{ why: 'many files, less well packed', reason: LARGE, says: '67108864 bytes' },
    archive: () => gzipSync(Buffer.concat(Array.from({ length: 80 }, (_, n) => megabyteOf(n)))),
  },
  {
    ...{ why: 'packed twice', reason: INVALID, says: 'compressed twice' },
    archive: () => gzipSync(zeros(1024 * MIB)),
  },
  {
    ...{ why: 'packed in another way', reason: INVALID, says: '' },
    archive: () => Buffer.concat([Buffer.from('28b52ffd', 'hex'), Buffer.alloc(4096, 1)]),
  },
  {
    ...{ why: 'a zip', reason: INVALID, says: '' },
    archive: () => Buffer.concat([Buffer.from('PK\u0003\u0004'), Buffer.alloc(4096, 1)]),
  },
  {
    ...{ why: 'a second member that is none', reason: INVALID, says: '' },
    archive: () => Buffer.concat([gzipSync(headOf(9_000)), Buffer.from('1f8b0800ff', 'hex')]),
  },
  {
    ...{ why: 'a tar in a tar is a file; what is cut off is none', reason: INVALID, says: '' },
    archive: () => gzipSync(tarOf(file('a.js', 'a'.repeat(9_000)))).subarray(0, -20),
  },
];

const headOf = (size: number): Buffer => tarOf({ path: 'a.js', size }).subarray(0, 512);
const emptyMegabyte = tarOf({ path: 'zeros', content: Buffer.alloc(MIB) }).subarray(0, -1024);

/** A file of a megabyte, the first hundredth of which packs badly. */
function megabyteOf(seed: number): Buffer {
  const content = Buffer.alloc(MIB, 'a');
  for (let at = 0, x = seed + 1; at < MIB / 50; at += 1) {
    x = (x * 1_103_515_245 + 12_345) % 2_147_483_648;
    content[at] = x >> 16;
  }
  return tarOf({ path: `f${seed}`, content }).subarray(0, -1024);
}

export const HOSTILE_ARCHIVES: readonly HostileArchive[] = [
  ...paths,
  ...types,
  ...sizes,
  ...packing,
];
