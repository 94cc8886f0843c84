import { open } from 'node:fs/promises';
import { HashedFile, type Digest } from './hashed-file.ts';

/** Bytes in order, each piece valid until the next is asked for: memory stays that of one piece. */
export type Pieces = AsyncIterable<Buffer> | Iterable<Buffer>;

const PIECE = 1024 * 1024;

/** The same bytes in large pieces: a write for each of 10,000 small files would take longer than the bytes. */
export async function* gathered(pieces: Pieces): AsyncGenerator<Buffer> {
  const buffer = Buffer.allocUnsafe(PIECE);
  let filled = 0;
  for await (const piece of pieces) {
    for (let done = 0; done < piece.length;) {
      const copied = piece.copy(buffer, filled, done);
      done += copied;
      filled += copied;
      if (filled === PIECE) {
        yield buffer;
        filled = 0;
      }
    }
  }
  if (filled > 0) yield buffer.subarray(0, filled);
}

export async function* piecesOfFile(path: string): AsyncGenerator<Buffer> {
  await using file = await open(path);
  const buffer = Buffer.allocUnsafe(PIECE);
  for (;;) {
    const { bytesRead } = await file.read(buffer, 0, PIECE, null);
    if (bytesRead === 0) return;
    yield buffer.subarray(0, bytesRead);
  }
}

/** A file to write: some bytes, the common ones, some bytes. */
export interface Copy {
  readonly path: string;
  readonly before: Pieces;
  readonly after: Pieces;
}

/** Writes the same pieces into several files at once, so that their sources are read once. */
export async function writeCopies(
  copies: readonly Copy[],
  common: Pieces,
): Promise<readonly Digest[]> {
  const files: HashedFile[] = [];
  try {
    for (const { path, before } of copies) {
      const file = await HashedFile.create(path);
      files.push(file);
      for await (const piece of before) await file.write(piece);
    }
    for await (const piece of gathered(common)) {
      await Promise.all(files.map((file) => file.write(piece)));
    }
    for (const [index, file] of files.entries()) {
      for await (const piece of copies[index]?.after ?? []) await file.write(piece);
    }
  } catch (error) {
    await Promise.allSettled(files.map((file) => file.close()));
    throw error;
  }
  return Promise.all(files.map((file) => file.close()));
}

export async function writePieces(path: string, pieces: Pieces): Promise<Digest> {
  const [digest] = await writeCopies([{ path, before: [], after: [] }], pieces);
  if (digest === undefined) throw new Error('one file has one digest');
  return digest;
}
