/** Longest line of a chunk size with its extensions. */
const MAX_LINE = 4096;
/** All trailers together: nobody reads them, so a flood of them is no answer. */
const MAX_TRAILERS = 16 * 1024;

type State = 'size' | 'data' | 'after' | 'trailer' | 'done';

/**
 * Takes the chunked coding off an answer's body, piece by piece. Extensions and
 * trailers are read and dropped.
 */
export class ChunkedDecoder {
  #state: State = 'size';
  #line = '';
  #left = 0;
  #trailers = 0;

  get done(): boolean {
    return this.#state === 'done';
  }

  /**
   * Reads `bytes` from `from` and calls `data` with each piece of the body.
   * @returns index after the last byte read, or what is wrong
   */
  read(bytes: Buffer, from: number, data: (start: number, end: number) => void): number | string {
    let at = from;
    while (at < bytes.length && this.#state !== 'done') {
      if (this.#state === 'data') {
        const end = Math.min(bytes.length, at + this.#left);
        data(at, end);
        this.#left -= end - at;
        if (this.#left === 0) this.#state = 'after';
        at = end;
        continue;
      }
      const next = this.#readLine(bytes, at);
      if (typeof next === 'string') return next;
      at = next;
    }
    return at;
  }

  #readLine(bytes: Buffer, at: number): number | string {
    const newline = bytes.indexOf(0x0a, at);
    const end = newline === -1 ? bytes.length : newline + 1;
    if (this.#line.length + end - at > MAX_LINE) return 'a line between chunks is too long';
    this.#line += bytes.toString('latin1', at, end);
    if (newline === -1) return end;
    const line = this.#line;
    this.#line = '';
    if (!line.endsWith('\r\n')) return 'a line between chunks does not end in CRLF';
    return this.#takeLine(line.slice(0, -2)) ?? end;
  }

  #takeLine(line: string): string | undefined {
    switch (this.#state) {
      case 'size':
        return this.#takeSize(line);
      case 'after':
        this.#state = 'size';
        return line === '' ? undefined : 'a chunk is longer than its size says';
      case 'trailer':
        if (line === '') this.#state = 'done';
        this.#trailers += line.length + 2;
        return this.#trailers > MAX_TRAILERS ? 'its trailers are too long' : undefined;
      case 'data':
      case 'done':
        return undefined;
    }
  }

  #takeSize(line: string): string | undefined {
    const size = /^([0-9a-f]{1,12})[ \t]*(?:;.*)?$/i.exec(line)?.[1];
    if (size === undefined) return 'a chunk size is malformed';
    this.#left = Number.parseInt(size, 16);
    this.#state = this.#left === 0 ? 'trailer' : 'data';
    return undefined;
  }
}
