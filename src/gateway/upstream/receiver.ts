import type { AnswerHead } from './head.ts';
import type { AnswerSink } from './reader.ts';

/**
 * Who gets an answer from a connection. Bytes are only valid during the call:
 * all connections read into one buffer. After `onEnd`, `onFailure` or
 * `onUpgrade` nothing more comes.
 */
export interface Receiver extends AnswerSink {
  /** The connection stands and the request's head is sent: the body may follow. */
  onSent(): void;
  /** Room for more of the request's body. */
  onDrain(): void;
  onEnd(): void;
  /** The answer is a 101: bytes go to `connection.raw` from now on. `rest` is the receiver's. */
  onUpgrade(head: AnswerHead, rest: Buffer): void;
  onFailure(failure: ConnectionFailure): void;
}

export interface ConnectionFailure {
  /** `connect`: nothing was sent. `lost`: the connection broke. `invalid`: no HTTP came back. */
  readonly kind: 'connect' | 'lost' | 'invalid';
  readonly detail: string;
}
