import { closeSync, mkdirSync, openSync, writeSync } from 'node:fs';
import { dirname } from 'node:path';

export interface PlannedFile {
  /** Absolute. */
  readonly path: string;
  readonly size: number;
}

/**
 * Writes a stream of bytes into files, one after the other. Synchronous on
 * purpose: /tmp is memory, and a round trip through the thread pool costs more
 * than the write. Holds no more than the chunk that it is given.
 */
export class Unpacker {
  readonly #files: readonly PlannedFile[];
  readonly #folders = new Set<string>();
  #index = 0;
  #fd: number | undefined;
  /** Bytes that the current file still lacks. */
  #missing = 0;

  constructor(files: readonly PlannedFile[]) {
    this.#files = files;
    this.#openNext();
  }

  /** Throws what the file system throws (no space, for one). Bytes beyond the last file are an error. */
  write(chunk: Buffer): void {
    let rest = chunk;
    while (rest.length > 0) {
      if (this.#fd === undefined) {
        throw new RangeError('more bytes than files');
      }
      const written = writeSync(this.#fd, rest, 0, Math.min(rest.length, this.#missing));
      rest = rest.subarray(written);
      this.#missing -= written;
      if (this.#missing === 0) {
        this.#closeCurrent();
        this.#openNext();
      }
    }
  }

  /** Every file has all its bytes. */
  get complete(): boolean {
    return this.#missing === 0 && this.#index === this.#files.length;
  }

  /** Closes what is open; for a bind that failed. */
  close(): void {
    this.#closeCurrent();
  }

  /** Opens the next file that has bytes; empty ones are made on the way. */
  #openNext(): void {
    for (let file = this.#files[this.#index]; file !== undefined; file = this.#files[this.#index]) {
      this.#index += 1;
      this.#makeFolder(dirname(file.path));
      this.#fd = openSync(file.path, 'wx', 0o644);
      this.#missing = file.size;
      if (file.size > 0) {
        return;
      }
      this.#closeCurrent();
    }
  }

  #makeFolder(path: string): void {
    if (!this.#folders.has(path)) {
      mkdirSync(path, { recursive: true });
      this.#folders.add(path);
    }
  }

  #closeCurrent(): void {
    if (this.#fd !== undefined) {
      closeSync(this.#fd);
      this.#fd = undefined;
    }
  }
}
