import type { Socket } from 'node:net';
import type { Exchange } from '../request/exchange.ts';

const LINK = Symbol('link');
type Linked = Socket & { [LINK]: ClientLink | undefined };

/**
 * A client's connection. One listener on the socket serves all of its requests: a
 * listener for each request would cost more than the rest of the bookkeeping.
 */
export class ClientLink {
  readonly remote: string;
  /** Requests that are not over; more than one when the client pipelines. */
  readonly exchanges: Exchange[] = [];

  constructor(socket: Socket) {
    this.remote = plainAddress(socket.remoteAddress ?? '');
    socket.once('close', () => {
      for (const exchange of [...this.exchanges]) exchange.clientLeft();
    });
  }

  begin(exchange: Exchange): void {
    this.exchanges.push(exchange);
  }

  over(exchange: Exchange): void {
    const at = this.exchanges.indexOf(exchange);
    if (at !== -1) this.exchanges.splice(at, 1);
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
