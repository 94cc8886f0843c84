import { createHash } from 'node:crypto';
import { open, type FileHandle } from 'node:fs/promises';

export interface Digest {
  readonly size: number;
  /** In hexadecimal. */
  readonly sha256: string;
}

/** Images are for every VM of a node, and for none of them to write. */
const READ_ONLY = 0o444;

/** A file that is written from begin to end, and knows its digest in the end. */
export class HashedFile {
  readonly #file: FileHandle;
  readonly #hash = createHash('sha256');
  #size = 0;

  private constructor(file: FileHandle) {
    this.#file = file;
  }

  /** @throws Error if there is one already */
  static async create(path: string): Promise<HashedFile> {
    const file = await open(path, 'wx');
    await file.chmod(READ_ONLY);
    return new HashedFile(file);
  }

  async write(piece: Uint8Array): Promise<void> {
    this.#hash.update(piece);
    this.#size += piece.length;
    let rest = piece;
    while (rest.length > 0) rest = rest.subarray((await this.#file.write(rest)).bytesWritten);
  }

  /** To be called once, after an error too. */
  async close(): Promise<Digest> {
    await this.#file.close();
    return { size: this.#size, sha256: this.#hash.digest('hex') };
  }
}

/** Digest of bytes that are there. */
export function digestOf(bytes: Uint8Array): Digest {
  return { size: bytes.length, sha256: createHash('sha256').update(bytes).digest('hex') };
}
