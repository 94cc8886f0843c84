import { Readable } from 'node:stream';
import { createGunzip } from 'node:zlib';
import { MAX_SOURCE_BYTES } from '../../operator/sources/files.ts';
import { messageOf } from '../../runtime/errors.ts';
import { checkRatio, invalid, MAX_ENTRIES, tooLarge } from './entries.ts';

/** Of the tar itself: the files, and for each entry a head, the fill of its last block and a long name. */
const MAX_INFLATED_BYTES = MAX_SOURCE_BYTES + MAX_ENTRIES * 2048;
const PIECE = 64 * 1024;

/** The tar of a tar or tar.gz, in pieces, within bounds. @throws SourceProblem */
export async function* inflated(archive: Buffer): AsyncGenerator<Buffer> {
  let bytes = 0;
  for await (const piece of isGzip(archive) ? gunzipped(archive) : pieces(archive)) {
    bytes += piece.length;
    if (bytes > MAX_INFLATED_BYTES) throw tooLarge();
    checkRatio(bytes, archive.length);
    yield piece;
  }
}

export function isGzip(bytes: Buffer): boolean {
  return bytes[0] === 0x1f && bytes[1] === 0x8b;
}

async function* gunzipped(archive: Buffer): AsyncGenerator<Buffer> {
  try {
    yield* Readable.from(pieces(archive)).pipe(createGunzip({ chunkSize: PIECE }));
  } catch (error) {
    throw invalid(messageOf(error));
  }
}

function* pieces(bytes: Buffer): Generator<Buffer> {
  for (let at = 0; at < bytes.length; at += PIECE) yield bytes.subarray(at, at + PIECE);
}
