import { createHash } from 'node:crypto';
import { open, stat } from 'node:fs/promises';
import { messageOf } from '../../runtime/errors.ts';
import type { Entry, FileTree, Patch } from '../tree.ts';
import { BLOCK } from './format.ts';
import type { Sized } from './folders.ts';
import { planRofs, type RofsPlan } from './plan.ts';

const PIECE = 1024 * 1024;
const PADDING = Buffer.alloc(BLOCK);

/** One file of the image, as it was when it was written. */
export interface Content {
  readonly path: string;
  readonly size: number;
  readonly sha256: string;
}

/** An image that can be written, its size known beforehand. */
export interface Rofs {
  readonly bytes: number;
  /**
   * The image, piece by piece; a piece is valid until the next is asked for.
   * @param content told of each file when it has been read
   */
  pieces(content?: (file: Content) => void): AsyncGenerator<Buffer>;
}

/** Looks at every file of this machine that `tree` names, reads none. @throws Error naming the path */
export async function prepareRofs(tree: FileTree): Promise<Rofs> {
  const sized = new Map<string, Sized>();
  for (const [path, entry] of tree) sized.set(path, await sizeOf(path, entry));
  const plan = planRofs(sized);
  return { bytes: plan.bytes, pieces: (content) => pieces(tree, plan, content) };
}

async function sizeOf(path: string, entry: Entry): Promise<Sized> {
  if (entry.kind === 'bytes') return { kind: 'file', size: entry.bytes.length };
  if (entry.kind !== 'file') return entry;
  const facts = await stat(entry.source).catch((cause: unknown) => {
    throw new Error(`${path}: ${messageOf(cause)}`, { cause });
  });
  if (!facts.isFile()) throw new Error(`${path}: ${entry.source} is not a file`);
  return { kind: 'file', size: facts.size };
}

async function* pieces(
  tree: FileTree,
  plan: RofsPlan,
  content: (file: Content) => void = () => undefined,
): AsyncGenerator<Buffer> {
  yield plan.superblock;
  for (const { path, size } of plan.files) {
    const hash = createHash('sha256');
    for await (const piece of contentOf(path, size, tree.get(path))) {
      hash.update(piece);
      yield piece;
    }
    content({ path, size, sha256: hash.digest('hex') });
    if (size % BLOCK > 0) yield PADDING.subarray(size % BLOCK);
  }
  yield plan.structure;
}

async function* contentOf(path: string, size: number, entry?: Entry): AsyncGenerator<Buffer> {
  if (entry?.kind === 'bytes') yield Buffer.from(entry.bytes);
  if (entry?.kind !== 'file') return;
  await using file = await open(entry.source);
  const buffer = Buffer.allocUnsafe(Math.min(PIECE, size + 1));
  let done = 0;
  for (;;) {
    const { bytesRead } = await file.read(buffer, 0, buffer.length, null);
    done += bytesRead;
    // Its place and size are in the image already.
    if (done > size || (bytesRead === 0 && done < size)) {
      throw new Error(
        `${path}: ${entry.source} has changed while it was read; it had ${size} bytes`,
      );
    }
    if (bytesRead === 0) return;
    const piece = buffer.subarray(0, bytesRead);
    applyPatches(piece, done - bytesRead, entry.patches);
    yield piece;
  }
}

/** Puts into `piece`, which begins at `start` of its file, the parts of `patches` that lie in it. */
function applyPatches(piece: Buffer, start: number, patches: readonly Patch[] = []): void {
  for (const { offset, bytes } of patches) {
    for (const [index, byte] of bytes.entries()) {
      const at = offset + index - start;
      if (at >= 0 && at < piece.length) piece[at] = byte;
    }
  }
}
