/** Archives that a Function names, as the operator unpacks them, plain and packed. */
import { gzipSync } from 'node:zlib';
import { unpack } from '../../../src/adapters/archive/unpack.ts';
import { SourceProblem } from '../../../src/operator/sources/problem.ts';
import { tarOf } from '../../../test/support/tar.ts';
import { zipOf } from '../../../test/support/zip.ts';
import { must, type Input, type Target } from '../target.ts';

const FILES = tarOf(
  { path: 'index.js', content: 'export default 1;' },
  { path: 'lib/', type: '5' },
  { path: './lib/a.js', content: 'x'.repeat(600) },
);
const ZIP = zipOf(
  { path: 'index.js', content: 'export default 1;' },
  { path: 'lib/' },
  { path: 'lib/a.js', content: 'x'.repeat(600), mode: 0o100644 },
);
/** What a format that compresses could make of a small input. */
const MOST_OUT = 2 ** 27;
/** One input of so many is tried packed too. */
const PACKED_OF = 16;

export function open(): Target {
  return {
    seeds: [FILES, gzipSync(FILES), tarOf({ path: 'package/package.json', content: '{}' }), ZIP],
    tokens: [
      ...['ustar\0', '00', '../', '/', './', '\0', '0000777\0', '77777777777\0', 'x', 'L', '5'],
      ...[FILES.subarray(0, 512), Buffer.alloc(512), Buffer.from([0x1f, 0x8b, 8, 0])],
      ...['PK\u0001\u0002', 'PK\u0003\u0004', 'PK\u0005\u0006', 'PK\u0006\u0006', 'PK\u0006\u0007'],
      ...['30 path=../../etc/passwd\n', '22 size=99999999999\n', Buffer.from([0x80, 0, 0, 0])],
    ],
    run,
  };
}

async function run({ bytes }: Input): Promise<void> {
  // zlib has fuzzers of its own, and costs more than all the rest.
  const packed = bytes.length % PACKED_OF === 0 ? [gzipSync(bytes, { level: 1 })] : [];
  for (const archive of [bytes, ...packed]) {
    const files = await unpack(archive).catch((error: unknown) => {
      // Refused with a word about the archive; any other error is a fault of the operator.
      if (!(error instanceof SourceProblem)) throw error;
      return [];
    });
    const total = files.reduce((sum, { content }) => sum + content.length, 0);
    must(total <= MOST_OUT, 'what comes out is bounded');
    must(
      files.every(({ path }) => !path.startsWith('/') && !path.split('/').includes('..')),
      'no file leaves its folder',
    );
  }
}
