import { connect, type Socket } from 'node:net';
import { atEndOfTurn } from '../turn.ts';
import { AnswerReader, type Progress } from './reader.ts';
import type { ConnectionFailure, Receiver } from './receiver.ts';

/** Reads are synchronous and one at a time, so all connections share the memory that they read into. */
const READ_BUFFER = Buffer.allocUnsafe(64 * 1024);

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
  #reader: AnswerReader | undefined;
  #request = '';
  #connected = false;
  #requestOver = false;
  #paused = false;

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
    this.#socket.on('error', (error) => {
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
    this.#reader = new AnswerReader(method, receiver);
    this.#request = head;
    this.#requestOver = !hasBody;
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
    this.#forget();
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
    const reader = this.#reader;
    const receiver = this.#receiver;
    if (reader === undefined || receiver === undefined) {
      // Nobody asked for anything.
      this.#socket.destroy();
      return false;
    }
    const progress = reader.read(bytes);
    // The receiver may have given the answer up.
    if (this.#receiver === receiver) this.#take(receiver, progress);
    return !this.#paused;
  }

  #take(receiver: Receiver, progress: Progress): void {
    switch (progress.kind) {
      case 'more':
        return;
      case 'invalid':
        this.#fail('invalid', progress.detail);
        return;
      case 'upgrade':
        this.#forget();
        receiver.onUpgrade(progress.head, progress.rest);
        return;
      case 'over':
        this.#over(receiver, progress.keepAlive && progress.extra === 0);
    }
  }

  /** @param clean nothing follows: whatever extra bytes are, the next answer does not begin with them */
  #over(receiver: Receiver, clean: boolean): void {
    this.#forget();
    this.#paused = false;
    // What of the request has not left here yet would come before the next one.
    const sent = this.#requestOver && this.#socket.writableLength === 0;
    if (!clean || !sent) this.#socket.destroy();
    receiver.onEnd();
  }

  /** Whether the next request may use it. */
  get reusable(): boolean {
    return this.#connected && this.#socket.writable && this.#receiver === undefined;
  }

  #closed(detail: string): void {
    this.#owner.closed(this);
    const receiver = this.#receiver;
    if (receiver !== undefined && this.#reader?.endsWithConnection === true) {
      this.#forget();
      receiver.onEnd();
    } else {
      // A head that still waits for the end of the turn was never sent.
      this.#fail(this.#connected && this.#request === '' ? 'lost' : 'connect', detail);
    }
    this.#socket.destroy();
  }

  #fail(kind: ConnectionFailure['kind'], detail: string): void {
    const receiver = this.#receiver;
    this.#forget();
    this.#socket.destroy();
    receiver?.onFailure({ kind, detail });
  }

  #forget(): void {
    this.#reader?.stop();
    this.#reader = undefined;
    this.#receiver = undefined;
  }
}
