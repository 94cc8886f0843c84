import type { Socket } from 'node:net';
import { endAndDiscard } from './linger.ts';
import type { GatewayProblem } from './refuse.ts';

/**
 * A client that closes its half of the connection looks like one that leaves. Who means the first does so with the
 * end of his request; who comes to it later than these milliseconds has left.
 */
const HALF_CLOSE_MS = 50;
/**
 * Who has left all the same resets the connection when something is said to him, which the next word finds out.
 * Milliseconds: most are answered by then, and see none of it.
 */
const GREET_AFTER_MS = [1_000, 1_500];
const LINK = Symbol('link');
type Linked = Socket & { [LINK]: ClientLink | undefined };

/** A request that hears of its client's connection. */
export interface LinkedRequest {
  /** When the last of it arrived; clock of `performance.now()`. */
  readonly heardAt: number;
  /** Says something to the client that is no answer, where that is still possible. */
  greet(): void;
  /** The connection is gone. */
  clientLeft(): void;
  /** What came behind its head is no HTTP. */
  badFraming(problem: GatewayProblem): void;
}

/**
 * A client's connection. One listener on the socket serves all of its requests: a
 * listener for each request would cost more than the rest of the bookkeeping.
 */
export class ClientLink {
  readonly remote: string;
  /** Requests that are not over; more than one when the client pipelines. */
  readonly requests: LinkedRequest[] = [];

  /** Of what else comes over it nothing is answered any more. */
  closing = false;
  /** It ends behind what is written already. */
  ended = false;
  readonly #socket: Socket;
  #latest: LinkedRequest | undefined = undefined;

  constructor(socket: Socket) {
    this.#socket = socket;
    this.remote = plainAddress(socket.remoteAddress ?? '');
    // How Node closes behind a last answer: at once, and with that the answer is lost to a client that still sends.
    socket.destroySoon = () => {
      this.end();
    };
    socket.once('end', () => {
      this.#halfClosed();
    });
    socket.once('close', () => {
      for (const request of [...this.requests]) request.clientLeft();
    });
  }

  /** Whether no answer follows this request's. */
  isLast(request: LinkedRequest): boolean {
    return this.closing && this.#latest === request;
  }

  /** Closes it behind what is written already. */
  end(): void {
    if (this.ended) return;
    this.ended = true;
    this.closing = true;
    endAndDiscard(this.#socket);
  }

  begin(request: LinkedRequest): void {
    this.requests.push(request);
    this.#latest = request;
  }

  over(request: LinkedRequest): void {
    const at = this.requests.indexOf(request);
    if (at !== -1) this.requests.splice(at, 1);
  }

  #halfClosed(): void {
    this.closing = true;
    const since = performance.now() - HALF_CLOSE_MS;
    if (!this.requests.some(({ heardAt }) => heardAt >= since)) {
      this.#socket.end();
      return;
    }
    const timers = GREET_AFTER_MS.map((ms) => setTimeout(() => this.requests[0]?.greet(), ms));
    this.#socket.once('close', () => {
      timers.forEach(clearTimeout);
    });
  }

  static of(socket: Socket): ClientLink {
    const linked = socket as Linked;
    return (linked[LINK] ??= new ClientLink(socket));
  }
}

/** An IPv4 address that came in over an IPv6 socket looks like one again. */
function plainAddress(address: string): string {
  return address.startsWith('::ffff:') ? address.slice(7) : address;
}
