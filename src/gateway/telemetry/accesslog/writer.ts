import { close, open, write } from 'node:fs';

/** A buffer of lines; a full one is written at once. */
const BUFFER_BYTES = 64 * 1024;
const FLUSH_MS = 200;
/** Full buffers that wait for a disk which does not keep up; more lines are dropped and counted. */
const MAX_WAITING = 128;
/** Longer lines are dropped: heads of requests are bounded well below. */
const MAX_LINE = 32 * 1024;

/** Where access log lines go. */
export interface LineSink {
  /** Lines that were lost because the disk did not keep up. */
  readonly dropped: number;
  /** @param line ASCII, with its newline */
  write(line: string): void;
  /** Resolves when everything that was written before is in the file. */
  close(): Promise<void>;
}

interface Chunk {
  readonly bytes: Buffer;
  length: number;
}

/**
 * Appends lines to a file in few large writes, never two at a time. A line is copied into
 * a buffer and costs nothing later; kept as text, its pieces would keep the collector
 * busy, and a general logging library costs more than the request it speaks of.
 */
export class BufferedLines implements LineSink {
  dropped = 0;
  #fd: number;
  #current = newChunk();
  readonly #waiting: Chunk[] = [];
  /** One to use again. */
  #spare: Chunk | undefined;
  #writing: Chunk | undefined;
  #closed = false;
  #timer: NodeJS.Timeout | undefined;
  #ended: Promise<void> | undefined;
  #end: () => void = () => undefined;

  /** @param fd an open file, which becomes this writer's; 1 is standard output and stays open */
  constructor(fd: number) {
    this.#fd = fd;
  }

  /** Opens (appending) the file; `-` is standard output. Rejects when it cannot be opened. */
  static async open(file: string): Promise<BufferedLines> {
    return new BufferedLines(file === '-' ? 1 : await openAppending(file));
  }

  write(line: string): void {
    if (this.#closed || line.length > MAX_LINE) {
      this.dropped += 1;
      return;
    }
    if (this.#current.length + line.length > BUFFER_BYTES && !this.#turn()) {
      this.dropped += 1;
      return;
    }
    const chunk = this.#current;
    chunk.length += chunk.bytes.write(line, chunk.length, 'latin1');
    if (this.#timer === undefined) this.#wait();
  }

  /** Goes on in a new file of that name: call it after the old one was moved away. */
  async reopen(file: string): Promise<void> {
    const fresh = await openAppending(file);
    const old = this.#fd;
    this.#turn();
    this.#fd = fresh;
    // A write that is under way still needs the old one.
    setTimeout(() => {
      close(old, () => undefined);
    }, REOPEN_MS).unref();
  }

  close(): Promise<void> {
    if (this.#ended !== undefined) return this.#ended;
    clearTimeout(this.#timer);
    this.#closed = true;
    this.#ended = new Promise((resolve) => {
      this.#end = resolve;
    });
    this.#turn();
    return this.#ended;
  }

  #wait(): void {
    this.#timer = setTimeout(() => {
      this.#timer = undefined;
      if (this.#current.length > 0) this.#turn();
    }, FLUSH_MS);
    this.#timer.unref();
  }

  /** Begins a new buffer. False when too many wait already. */
  #turn(): boolean {
    if (this.#waiting.length >= MAX_WAITING && !this.#closed) return false;
    this.#waiting.push(this.#current);
    this.#current = this.#spare ?? newChunk();
    this.#spare = undefined;
    this.#next();
    return true;
  }

  #next(): void {
    if (this.#writing !== undefined) return;
    this.#writing = this.#waiting.shift();
    if (this.#writing !== undefined) this.#writeFrom(this.#writing, 0);
    else if (this.#closed) this.#finish();
  }

  #finish(): void {
    if (this.#fd === 1) this.#end();
    else close(this.#fd, this.#end);
  }

  #writeFrom(chunk: Chunk, from: number): void {
    write(this.#fd, chunk.bytes, from, chunk.length - from, null, (error, written) => {
      if (error === null && from + written < chunk.length) {
        this.#writeFrom(chunk, from + written);
        return;
      }
      // A full disk must not stop requests: what was lost is counted.
      if (error !== null) this.dropped += linesIn(chunk, from);
      chunk.length = 0;
      this.#spare = chunk;
      this.#writing = undefined;
      this.#next();
    });
  }
}

const REOPEN_MS = 1_000;

function newChunk(): Chunk {
  return { bytes: Buffer.allocUnsafeSlow(BUFFER_BYTES), length: 0 };
}

function linesIn({ bytes, length }: Chunk, from: number): number {
  let lines = 0;
  for (
    let at = bytes.indexOf(0x0a, from);
    at !== -1 && at < length;
    at = bytes.indexOf(0x0a, at + 1)
  ) {
    lines += 1;
  }
  return lines;
}

function openAppending(file: string): Promise<number> {
  return new Promise((resolve, reject) => {
    open(file, 'a', 0o640, (error, fd) => {
      if (error === null) resolve(fd);
      else reject(new Error(`access log ${file}: cannot be opened`, { cause: error }));
    });
  });
}
