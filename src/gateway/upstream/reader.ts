import { framingOf, type Framing } from './framing.ts';
import { parseHead, type AnswerHead } from './head.ts';
import { Partial } from './partial.ts';

/** Longest head of an answer, in bytes. */
const MAX_HEAD = 64 * 1024;
/** Interim answers before the one that counts: 100 and 103 come once, a flood of them is no answer. */
const MAX_INTERIM = 16;
const END_OF_HEAD = '\r\n\r\n';

/** Who hears what an answer says. Bytes are only valid during the call. */
export interface AnswerSink {
  onHead(head: AnswerHead): void;
  /** A piece of the body; `last` when the end follows at once. */
  onData(bytes: Buffer, last: boolean): void;
  /** All that was read for now has been passed on. */
  onPause(): void;
}

/** How far the answer is after a read. */
export type Progress =
  | { readonly kind: 'more' }
  /** @param extra bytes after the answer */
  | { readonly kind: 'over'; readonly keepAlive: boolean; readonly extra: number }
  | { readonly kind: 'upgrade'; readonly head: AnswerHead; readonly rest: Buffer }
  | { readonly kind: 'invalid'; readonly detail: string };

const MORE: Progress = { kind: 'more' };

/**
 * Reads one HTTP/1.1 answer in whatever pieces it comes. It knows no socket: what
 * a VM sends can be tried on it without one.
 */
export class AnswerReader {
  readonly #method: string;
  readonly #sink: AnswerSink;
  /** What came of a head that is not complete. */
  readonly #partial = new Partial();
  #framing: Framing | undefined;
  #interim = 0;
  #keepAlive = false;
  #stopped = false;

  /** @param method of the request */
  constructor(method: string, sink: AnswerSink) {
    this.#method = method;
    this.#sink = sink;
  }

  /** Whether the answer ends where its connection does. */
  get endsWithConnection(): boolean {
    return this.#framing?.kind === 'close';
  }

  /** The sink wants nothing more, not even what was read already. */
  stop(): void {
    this.#stopped = true;
  }

  read(bytes: Buffer): Progress {
    if (this.#framing === undefined) return this.#readHead(bytes);
    return this.#readBody(this.#framing, bytes, 0);
  }

  /** A loop, not recursion: one read may hold thousands of interim heads, and the VM chooses how many. */
  #readHead(arrived: Buffer): Progress {
    // What was looked through before is not looked through again, but for half a mark.
    let search = Math.max(0, this.#partial.length - END_OF_HEAD.length + 1);
    const bytes = this.#partial.with(arrived);
    let from = 0;
    while (from < bytes.length) {
      const end = bytes.indexOf(END_OF_HEAD, search, 'latin1');
      if ((end === -1 ? bytes.length : end) - from > MAX_HEAD) {
        return invalid(`The answer's head is longer than ${MAX_HEAD} bytes.`);
      }
      if (end === -1) {
        this.#partial.keep(bytes.subarray(from));
        return MORE;
      }
      const head = parseHead(bytes.toString('latin1', from, end));
      from = end + END_OF_HEAD.length;
      search = from;
      if (typeof head === 'string') return invalid(`The VM's answer is no HTTP: ${head}.`);
      const progress = this.#takeHead(head, bytes, from);
      if (progress !== undefined) return progress;
    }
    return MORE;
  }

  /** @returns nothing for an interim answer: the next head follows */
  #takeHead(head: AnswerHead, bytes: Buffer, from: number): Progress | undefined {
    if (head.status === 101) {
      return { kind: 'upgrade', head, rest: Buffer.from(bytes.subarray(from)) };
    }
    if (head.status < 200) {
      // 100 and 103 are between agent and gateway.
      this.#interim += 1;
      if (this.#interim <= MAX_INTERIM) return undefined;
      return invalid(`More than ${MAX_INTERIM} interim answers came before the answer.`);
    }
    this.#keepAlive = head.keepAlive;
    this.#framing = framingOf(head, this.#method);
    this.#sink.onHead(head);
    return this.#stopped ? MORE : this.#readBody(this.#framing, bytes, from);
  }

  #readBody(framing: Framing, bytes: Buffer, from: number): Progress {
    switch (framing.kind) {
      case 'length':
        return this.#readLength(framing, bytes, from);
      case 'chunked':
        return this.#readChunks(framing, bytes, from);
      case 'close':
        if (bytes.length > from) this.#sink.onData(bytes.subarray(from), false);
        return this.#more();
    }
  }

  #readLength(framing: { left: number }, bytes: Buffer, from: number): Progress {
    const end = Math.min(bytes.length, from + framing.left);
    framing.left -= end - from;
    const over = framing.left === 0;
    if (end > from) this.#sink.onData(bytes.subarray(from, end), over);
    return over ? this.#over(bytes.length - end) : this.#more();
  }

  #readChunks(
    { decoder }: Extract<Framing, { kind: 'chunked' }>,
    bytes: Buffer,
    from: number,
  ): Progress {
    const read = decoder.read(bytes, from, (start, end) => {
      if (!this.#stopped) this.#sink.onData(bytes.subarray(start, end), false);
    });
    if (typeof read === 'string') return invalid(`The VM's answer is no HTTP: ${read}.`);
    return decoder.done ? this.#over(bytes.length - read) : this.#more();
  }

  #over(extra: number): Progress {
    return { kind: 'over', keepAlive: this.#keepAlive, extra };
  }

  #more(): Progress {
    if (!this.#stopped) this.#sink.onPause();
    return MORE;
  }
}

function invalid(detail: string): Progress {
  return { kind: 'invalid', detail };
}
