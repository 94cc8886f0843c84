import type { IncomingMessage } from 'node:http';
import { CHUNKED } from '../upstream/request.ts';
import type { UpstreamConnection } from '../upstream/connection.ts';

/** Bytes of a body that are kept to be sent again, until an answer begins. */
const REPLAY_BYTES = 64 * 1024;
/** A rest of a body that is read to its end although nobody wants it, so that its connection can be used on. */
const SHORT_REST = 64 * 1024;
/** And for how long: a client that sends nothing more would keep its connection. */
const DISCARD_MS = 5_000;

export interface PumpOwner {
  /** The body is longer than it may be. */
  bodyTooLarge(): void;
}

/** Moves a request's body to the VM, as fast as the VM takes it, from the moment that a slot is held. */
export class BodyPump {
  bytes = 0;
  /** All of it was read. */
  complete = false;
  /** When the client sent something last, or was let to. Clock of `performance.now()`. */
  lastAt = 0;
  readonly #req: IncomingMessage;
  /** Declared length, or {@link CHUNKED}. */
  readonly #declared: number;
  readonly #maxBytes: number;
  readonly #owner: PumpOwner;
  #connection: UpstreamConnection | undefined;
  /** Undefined once there is too much to keep or no use for it. */
  #replay: Buffer[] | undefined = [];
  #reading = false;
  #blocked = false;
  #discarding = false;

  constructor(req: IncomingMessage, bodyBytes: number, maxBytes: number, owner: PumpOwner) {
    this.#req = req;
    this.#declared = bodyBytes;
    this.#maxBytes = maxBytes;
    this.#owner = owner;
  }

  /** Whether what was sent so far can be sent again. */
  get replayable(): boolean {
    return this.#replay !== undefined;
  }

  /** Whether the gateway waits for the client. */
  get waits(): boolean {
    return this.#connection !== undefined && !this.complete && !this.#blocked;
  }

  /** Whether so much is still to come that a connection is better closed than read on. */
  get isLong(): boolean {
    if (this.complete) return false;
    return this.#chunked || this.#declared - this.bytes > SHORT_REST;
  }

  get #chunked(): boolean {
    return this.#declared === CHUNKED;
  }

  /** Sends what was read before, then all the rest. */
  attach(connection: UpstreamConnection, now: number): void {
    this.#connection = connection;
    this.lastAt = now;
    for (const chunk of this.#replay ?? []) this.#write(connection, chunk);
    if (this.complete) connection.end(this.#chunked ? '0\r\n\r\n' : '');
    else this.#read();
  }

  /** The attempt failed; the rest waits for the next one. */
  detach(): void {
    this.#connection = undefined;
    this.#blocked = false;
    // Paused before anybody listens, it would stay so when somebody does.
    if (this.#reading && !this.complete) this.#req.pause();
  }

  drained(now: number): void {
    if (!this.#blocked) return;
    this.#blocked = false;
    this.lastAt = now;
    this.#req.resume();
  }

  /** An answer has begun: nothing will be sent again. */
  forget(): void {
    this.#replay = undefined;
  }

  /** Nobody wants the rest. It is read so that the client can read its answer; a long one until its connection is closed. */
  discard(): void {
    this.#connection = undefined;
    this.#replay = undefined;
    const began = this.#discarding;
    this.#discarding = true;
    if (this.complete || began) return;
    if (!this.isLong) this.#endWithin(DISCARD_MS);
    this.#read();
    this.#req.resume();
  }

  #endWithin(ms: number): void {
    const timer = setTimeout(() => this.#req.socket.destroy(), ms);
    this.#req.once('close', () => {
      clearTimeout(timer);
    });
  }

  #read(): void {
    if (this.#reading) {
      this.#req.resume();
      return;
    }
    this.#reading = true;
    this.#req.on('data', (chunk: Buffer) => {
      this.#take(chunk);
    });
    this.#req.once('end', () => {
      this.complete = true;
      this.#connection?.end(this.#chunked ? '0\r\n\r\n' : '');
    });
    // A client that leaves is its link's business.
    this.#req.on('error', () => undefined);
  }

  #take(chunk: Buffer): void {
    if (this.#discarding) return;
    this.bytes += chunk.length;
    if (this.bytes > this.#maxBytes) {
      this.#owner.bodyTooLarge();
      return;
    }
    this.lastAt = performance.now();
    if (this.bytes > REPLAY_BYTES) this.#replay = undefined;
    this.#replay?.push(chunk);
    if (this.#connection !== undefined) this.#write(this.#connection, chunk);
  }

  #write(connection: UpstreamConnection, chunk: Buffer): void {
    if (this.#chunked) connection.write(`${chunk.length.toString(16)}\r\n`);
    let room = connection.write(chunk);
    if (this.#chunked) room = connection.write('\r\n');
    if (room || this.complete) return;
    this.#blocked = true;
    this.#req.pause();
  }
}
