import type { ServerResponse } from 'node:http';
import { atEndOfTurn } from '../turn.ts';
import type { UpstreamConnection } from '../upstream/connection.ts';
import type { AnswerHead } from '../upstream/head.ts';

/** Pieces up to this size are joined with the head into one write, as text. */
const SMALL = 16 * 1024;

/** Passes a function's answer on to the client, as fast as the client takes it. */
export class Answer {
  bytes = 0;
  /** It had to wait for the client to read. */
  slowed = false;
  readonly #res: ServerResponse;
  #ended = false;
  /** The connection that waits for the client. */
  #paused: UpstreamConnection | undefined = undefined;

  constructor(res: ServerResponse) {
    this.#res = res;
  }

  /** Begins the answer. @throws Error when the head holds what must not be sent on */
  head(head: AnswerHead, requestId: string, close: boolean): void {
    head.headers.push('x-request-id', requestId);
    if (close) head.headers.push('connection', 'close');
    this.#res.writeHead(head.status, head.statusText, head.headers);
  }

  /** @param bytes valid during the call; @param from whom they come */
  data(bytes: Buffer, last: boolean, from: UpstreamConnection | undefined): void {
    this.bytes += bytes.length;
    const res = this.#res;
    if (res.destroyed) return;
    if (last && bytes.length <= SMALL) {
      this.#finish(bytes.toString('latin1'));
    } else if (!res.write(Buffer.from(bytes)) && !last && from !== undefined) {
      this.#pause(from);
    }
  }

  /** A head without a first piece of the body goes out by itself: that may take long. */
  flush(): void {
    if (this.bytes === 0) this.#res.flushHeaders();
  }

  end(): void {
    this.#paused = undefined;
    if (!this.#ended) this.#finish('');
  }

  #finish(text: string): void {
    this.#ended = true;
    const res = this.#res;
    atEndOfTurn(() => {
      if (!res.destroyed) res.end(text, 'latin1');
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
