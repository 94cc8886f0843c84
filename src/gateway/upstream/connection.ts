import { connect, type Socket } from 'node:net';
import { atEndOfTurn } from '../turn.ts';
import { framingOf, type Framing } from './framing.ts';
import { parseHead, type AnswerHead } from './head.ts';
import type { ConnectionFailure, Receiver } from './receiver.ts';

/** Longest head of an answer, in bytes. */
const MAX_HEAD = 64 * 1024;
/** Interim answers before the one that counts: 100 and 103 come once, a flood of them is no answer. */
const MAX_INTERIM = 16;
const END_OF_HEAD = '\r\n\r\n';
/** Reads are synchronous and one at a time, so all connections share the memory that they read into. */
const READ_BUFFER = Buffer.allocUnsafe(64 * 1024);
const NOTHING = Buffer.alloc(0);

export interface ConnectionOwner {
  /** The connection is of no more use. */
  closed(connection: UpstreamConnection): void;
}

/**
 * One HTTP/1.1 connection to an agent, for one request at a time. Beside Node's
 * own client it knows exactly whether anything was sent, and it costs less (docs/adr/0012).
 */
export class UpstreamConnection {
  /** Milliseconds on the clock of `performance.now()`; set by the owner when it lays the connection aside. */
  idleSince = 0;
  /** Where bytes go after an upgrade. Answers whether to go on reading. */
  raw: ((bytes: Buffer) => boolean) | undefined;
  readonly #socket: Socket;
  readonly #owner: ConnectionOwner;
  #receiver: Receiver | undefined;
  #method = '';
  #request = '';
  #connected = false;
  #requestOver = false;
  #paused = false;
  /** What came of a head that is not complete. */
  #partial: Buffer = NOTHING;
  #framing: Framing | undefined;
  #interim = 0;
  #keepAlive = false;

  constructor(host: string, port: number, owner: ConnectionOwner) {
    this.#owner = owner;
    const callback = (count: number): boolean => this.#read(READ_BUFFER.subarray(0, count));
    const onread = { buffer: READ_BUFFER, callback };
    this.#socket = connect({ host, port, noDelay: true, keepAlive: true, onread });
    this.#socket.once('connect', () => {
      this.#connected = true;
      this.#send();
    });
    this.#socket.on('drain', () => this.#receiver?.onDrain());
    this.#socket.once('end', () => {
      this.#closed('The VM closed the connection before its answer was complete.');
    });
    this.#socket.once('error', (error) => {
      this.#closed(error.message);
    });
    this.#socket.once('close', () => {
      this.#closed('The connection to the VM was closed.');
    });
  }

  get connected(): boolean {
    return this.#connected;
  }

  /** The socket after an upgrade; its reads go to {@link raw}. */
  get socket(): Socket {
    return this.#socket;
  }

  /** Sends a request. @param head with the empty line; @param hasBody {@link write} and {@link end} follow */
  send(receiver: Receiver, method: string, head: string, hasBody: boolean): void {
    this.#receiver = receiver;
    this.#method = method;
    this.#request = head;
    this.#requestOver = !hasBody;
    this.#framing = undefined;
    this.#interim = 0;
    if (this.#connected) this.#send();
  }

  /** A piece of the request's body, framed. Answers whether there is room for more. */
  write(bytes: Buffer | string): boolean {
    return this.#socket.write(bytes, 'latin1');
  }

  /** The request's body is complete; `last` ends its coding. */
  end(last: string): void {
    this.#requestOver = true;
    if (last !== '') this.#socket.write(last, 'latin1');
  }

  pause(): void {
    this.#paused = true;
  }

  resume(): void {
    this.#paused = false;
    this.#socket.resume();
  }

  /** Ends it at once; the receiver hears nothing more. */
  destroy(): void {
    this.#receiver = undefined;
    this.#socket.destroy();
  }

  #send(): void {
    const receiver = this.#receiver;
    if (receiver === undefined) return;
    if (this.#requestOver) {
      atEndOfTurn(() => {
        if (this.#receiver === receiver) this.#sendHead();
      });
    } else {
      this.#sendHead();
    }
    receiver.onSent();
  }

  #sendHead(): void {
    this.#socket.write(this.#request, 'latin1');
    this.#request = '';
  }

  /** Answers whether to go on reading. */
  #read(bytes: Buffer): boolean {
    if (this.raw !== undefined) return this.raw(bytes);
    if (this.#receiver === undefined) {
      // Nobody asked for anything.
      this.#socket.destroy();
      return false;
    }
    if (this.#framing === undefined) this.#readHead(bytes);
    else this.#readBody(this.#receiver, this.#framing, bytes, 0);
    return !this.#paused;
  }

  /** A loop, not recursion: one read may hold thousands of interim heads, and the VM chooses how many. */
  #readHead(arrived: Buffer): void {
    const bytes = this.#partial.length === 0 ? arrived : Buffer.concat([this.#partial, arrived]);
    this.#partial = NOTHING;
    let from = 0;
    while (from < bytes.length && this.#receiver !== undefined && this.#framing === undefined) {
      const end = bytes.indexOf(END_OF_HEAD, from, 'latin1');
      if ((end === -1 ? bytes.length : end) - from > MAX_HEAD) {
        this.#fail('invalid', `The answer's head is longer than ${MAX_HEAD} bytes.`);
        return;
      }
      if (end === -1) {
        this.#partial = Buffer.from(bytes.subarray(from));
        return;
      }
      const head = parseHead(bytes.toString('latin1', from, end));
      from = end + END_OF_HEAD.length;
      if (typeof head === 'string') this.#fail('invalid', `The VM's answer is no HTTP: ${head}.`);
      else this.#takeHead(this.#receiver, head, bytes, from);
    }
  }

  #takeHead(receiver: Receiver, head: AnswerHead, bytes: Buffer, from: number): void {
    if (head.status < 200) {
      this.#takeInterim(receiver, head, bytes, from);
      return;
    }
    this.#keepAlive = head.keepAlive;
    const framing = framingOf(head, this.#method);
    this.#framing = framing;
    receiver.onHead(head);
    // The receiver may have given the answer up.
    if (this.#receiver === receiver) this.#readBody(receiver, framing, bytes, from);
  }

  /** 100 and 103 are between agent and gateway; a 101 ends HTTP here. */
  #takeInterim(receiver: Receiver, head: AnswerHead, bytes: Buffer, from: number): void {
    if (head.status === 101) {
      this.#receiver = undefined;
      receiver.onUpgrade(head, Buffer.from(bytes.subarray(from)));
      return;
    }
    this.#interim += 1;
    if (this.#interim > MAX_INTERIM) {
      this.#fail('invalid', `More than ${MAX_INTERIM} interim answers came before the answer.`);
    }
  }

  #readBody(receiver: Receiver, framing: Framing, bytes: Buffer, from: number): void {
    if (framing.kind === 'length') {
      const end = Math.min(bytes.length, from + framing.left);
      framing.left -= end - from;
      const over = framing.left === 0;
      if (end > from) receiver.onData(bytes.subarray(from, end), over);
      if (over) this.#over(receiver, bytes.length - end);
      else if (this.#receiver === receiver) receiver.onPause();
      return;
    }
    if (framing.kind === 'close') {
      this.#keepAlive = false;
      if (bytes.length > from) receiver.onData(bytes.subarray(from), false);
      receiver.onPause();
      return;
    }
    this.#readChunks(receiver, framing, bytes, from);
  }

  #readChunks(
    receiver: Receiver,
    { decoder }: Extract<Framing, { kind: 'chunked' }>,
    bytes: Buffer,
    from: number,
  ): void {
    const read = decoder.read(bytes, from, (start, end) => {
      if (this.#receiver === receiver) receiver.onData(bytes.subarray(start, end), false);
    });
    if (this.#receiver !== receiver) return;
    if (typeof read === 'string') this.#fail('invalid', `The VM's answer is no HTTP: ${read}.`);
    else if (decoder.done) this.#over(receiver, bytes.length - read);
    else receiver.onPause();
  }

  /** @param extra bytes after the answer: whatever they are, the next answer does not begin with them */
  #over(receiver: Receiver, extra: number): void {
    if (this.#receiver !== receiver) return;
    this.#receiver = undefined;
    this.#framing = undefined;
    this.#paused = false;
    if (!this.#keepAlive || !this.#requestOver || extra > 0) {
      this.#socket.destroy();
    }
    receiver.onEnd();
  }

  /** Whether the next request may use it. */
  get reusable(): boolean {
    return this.#connected && this.#socket.writable && this.#receiver === undefined;
  }

  #closed(detail: string): void {
    this.#owner.closed(this);
    const receiver = this.#receiver;
    if (receiver !== undefined && this.#framing?.kind === 'close') {
      this.#receiver = undefined;
      receiver.onEnd();
    } else {
      // A head that still waits for the end of the turn was never sent.
      this.#fail(this.#connected && this.#request === '' ? 'lost' : 'connect', detail);
    }
    this.#socket.destroy();
  }

  #fail(kind: ConnectionFailure['kind'], detail: string): void {
    const receiver = this.#receiver;
    this.#receiver = undefined;
    this.#socket.destroy();
    receiver?.onFailure({ kind, detail });
  }
}
