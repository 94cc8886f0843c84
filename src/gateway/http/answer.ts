import { atEndOfTurn } from '../turn.ts';
import type { UpstreamConnection } from '../upstream/connection.ts';
import type { AnswerHead } from '../upstream/head.ts';
import type { ClientResponse } from './response.ts';

/** Pieces up to this size are joined with the head into one write, as text. */
const SMALL = 16 * 1024;

/** Passes a function's answer on to the client, as fast as the client takes it. */
export class Answer {
  bytes = 0;
  /** It had to wait for the client to read. */
  slowed = false;
  readonly #res: ClientResponse;
  readonly #keepAliveMs: number;
  /** Not sent: it may go out in one piece with the body. */
  #head: AnswerHead | undefined = undefined;
  #ended = false;
  /** The connection that waits for the client. */
  #paused: UpstreamConnection | undefined = undefined;

  /** @param keepAliveMs for which the client's connection is kept when it is idle */
  constructor(res: ClientResponse, keepAliveMs: number) {
    this.#res = res;
    this.#keepAliveMs = keepAliveMs;
  }

  /** Begins the answer. @throws Error when the head holds what must not be sent on */
  head(head: AnswerHead, requestId: string, close: boolean): void {
    head.headers.push('x-request-id', requestId);
    if (close) head.headers.push('connection', 'close');
    this.#head = head;
    if (close || !this.#res.takesWhole(head)) this.#begin();
  }

  /** @param bytes valid during the call; @param from whom they come */
  data(bytes: Buffer, last: boolean, from: UpstreamConnection | undefined): void {
    this.bytes += bytes.length;
    const res = this.#res;
    if (res.destroyed) return;
    if (last && bytes.length <= SMALL) {
      this.#finish(bytes.toString('latin1'));
      return;
    }
    this.#begin();
    if (!res.write(Buffer.from(bytes)) && !last && from !== undefined) this.#pause(from);
  }

  /** A head without a first piece of the body goes out by itself: that may take long. */
  flush(): void {
    this.#begin();
    if (this.bytes === 0) this.#res.flushHeaders();
  }

  end(): void {
    this.#paused = undefined;
    if (!this.#ended) this.#finish('');
  }

  /** Sends the head by itself. */
  #begin(): void {
    if (this.#head === undefined) return;
    const { status, statusText, headers } = this.#head;
    this.#head = undefined;
    this.#res.writeHead(status, statusText, headers);
  }

  #finish(text: string): void {
    this.#ended = true;
    const res = this.#res;
    const head = this.#head;
    atEndOfTurn(() => {
      if (res.destroyed) return;
      if (head !== undefined && res.takesWhole(head)) {
        res.sendWhole(head, this.#keepAliveMs, text);
        return;
      }
      this.#begin();
      res.end(text, 'latin1');
    });
  }

  #pause(connection: UpstreamConnection): void {
    connection.pause();
    this.slowed = true;
    if (this.#paused !== undefined) return;
    this.#paused = connection;
    this.#res.once('drain', () => {
      // None when the answer is over: the connection may serve somebody else by now.
      this.#paused?.resume();
      this.#paused = undefined;
    });
  }
}
