import { close, open, writeSync, write } from 'node:fs';

/** Text that makes a write at once. */
const FLUSH_CHARACTERS = 64 * 1024;
const FLUSH_MS = 200;
/** Text that waits for a disk which does not keep up; more lines are dropped and counted. */
const MAX_CHARACTERS = 8 * 1024 * 1024;

/** Where access log lines go. */
export interface LineSink {
  /** Lines that were lost because the disk did not keep up. */
  readonly dropped: number;
  /** @param line with its newline */
  write(line: string): void;
  /** Everything that was written before is in the file when this returns. */
  close(): void;
}

/**
 * Appends lines to a file in few large writes, never two at a time. A line costs one
 * concatenation; a general logging library costs more than the request it speaks of.
 */
export class BufferedLines implements LineSink {
  dropped = 0;
  #fd: number;
  #pending = '';
  #writing = false;
  #closed = false;
  #timer: NodeJS.Timeout | undefined;

  /** @param fd an open file, which becomes this writer's; 1 is standard output and stays open */
  constructor(fd: number) {
    this.#fd = fd;
  }

  /** Opens (appending) the file. Rejects when it cannot be opened. */
  static async open(file: string): Promise<BufferedLines> {
    return file === '-' ? new BufferedLines(1) : new BufferedLines(await openAppending(file));
  }

  write(line: string): void {
    if (this.#closed || this.#pending.length > MAX_CHARACTERS) {
      this.dropped += 1;
      return;
    }
    this.#pending += line;
    if (this.#pending.length >= FLUSH_CHARACTERS) this.#flush();
    else if (this.#timer === undefined) this.#wait();
  }

  /** Goes on in a new file of that name: call it after the old one was moved away. */
  async reopen(file: string): Promise<void> {
    const old = this.#fd;
    this.#fd = await openAppending(file);
    // A write that is under way still needs the old one.
    setTimeout(() => {
      close(old, () => undefined);
    }, 1_000).unref();
  }

  close(): void {
    clearTimeout(this.#timer);
    this.#closed = true;
    const rest = Buffer.from(this.#pending);
    this.#pending = '';
    // A pipe may take only a part at a time.
    for (let at = 0; at < rest.length;) at += writeSync(this.#fd, rest, at);
    if (this.#fd !== 1 && !this.#writing) close(this.#fd, () => undefined);
  }

  #wait(): void {
    this.#timer = setTimeout(() => {
      this.#timer = undefined;
      this.#flush();
    }, FLUSH_MS);
    this.#timer.unref();
  }

  #flush(): void {
    if (this.#writing || this.#pending === '') return;
    const bytes = Buffer.from(this.#pending);
    this.#pending = '';
    this.#writing = true;
    this.#writeAll(bytes, 0);
  }

  #writeAll(bytes: Buffer, from: number): void {
    write(this.#fd, bytes, from, bytes.length - from, null, (error, written) => {
      if (error === null && from + written < bytes.length) {
        this.#writeAll(bytes, from + written);
        return;
      }
      // A full disk must not stop requests: what was lost is counted.
      if (error !== null) this.dropped += 1;
      this.#writing = false;
      if (this.#pending.length >= FLUSH_CHARACTERS) this.#flush();
      else if (this.#pending !== '' && this.#timer === undefined) this.#wait();
    });
  }
}

function openAppending(file: string): Promise<number> {
  return new Promise((resolve, reject) => {
    open(file, 'a', 0o640, (error, fd) => {
      if (error === null) resolve(fd);
      else reject(new Error(`access log ${file}: cannot be opened`, { cause: error }));
    });
  });
}
