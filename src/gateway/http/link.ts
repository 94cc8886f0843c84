import type { Socket } from 'node:net';
import type { GatewayProblem } from './refuse.ts';

const LINK = Symbol('link');
type Linked = Socket & { [LINK]: ClientLink | undefined };

/** A request that hears of its client's connection. */
export interface LinkedRequest {
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

  constructor(socket: Socket) {
    this.remote = plainAddress(socket.remoteAddress ?? '');
    socket.once('close', () => {
      for (const request of [...this.requests]) request.clientLeft();
    });
  }

  begin(request: LinkedRequest): void {
    this.requests.push(request);
  }

  over(request: LinkedRequest): void {
    const at = this.requests.indexOf(request);
    if (at !== -1) this.requests.splice(at, 1);
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
