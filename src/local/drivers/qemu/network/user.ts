import { once } from 'node:events';
import { connect, createServer, type Server, type Socket } from 'node:net';
import { AGENT_PORT } from '../../../../api/group.ts';
import { NETDEV } from '../arguments.ts';
import { GUEST_NETWORK, type Link, type Network } from './network.ts';

/** Where QEMU listens, beside the guest's own address and port. */
const INNER_PORT = 18_080;
/** QEMU takes two connections at a time and loses what comes before it looks again. */
const BETWEEN_CONNECTS_MS = 20;

/**
 * QEMU's own user network, for hosts without passt. It listens with a backlog of one, and a
 * burst loses connections; a relay before it connects one after the other (docs/adr/0019).
 */
export class UserNetwork implements Network {
  readonly name = 'user';

  async attach(_guest: string, address: string): Promise<Link> {
    const relay = new Relay({ host: address, port: INNER_PORT });
    await relay.listen(address, AGENT_PORT);
    const { router, prefix, address: inside, dns } = GUEST_NETWORK;
    const guest = `net=${router}/${prefix},host=${router},dns=${dns},dhcpstart=${inside}`;
    const forward = `hostfwd=tcp:${address}:${INNER_PORT}-${inside}:${AGENT_PORT}`;
    return {
      netdev: `user,id=${NETDEV},ipv6=off,${guest},${forward}`,
      close: () => relay.close(),
    };
  }
}

interface Target {
  readonly host: string;
  readonly port: number;
}

/** Passes connections on, never two connects at a time. */
export class Relay {
  readonly #target: Target;
  readonly #server: Server;
  readonly #sockets = new Set<Socket>();
  #last: Promise<void> = Promise.resolve();

  constructor(target: Target) {
    this.#target = target;
    this.#server = createServer({ allowHalfOpen: true, noDelay: true }, (client) => {
      // It may break while it waits for its turn.
      client.on('error', () => undefined);
      this.#last = this.#last.then(() => this.#join(client));
    });
  }

  async listen(host: string, port: number): Promise<void> {
    this.#server.listen({ host, port });
    await once(this.#server, 'listening');
  }

  async close(): Promise<void> {
    this.#server.close();
    for (const socket of this.#sockets) socket.destroy();
    await once(this.#server, 'close');
  }

  /** Resolves when the next one may connect. */
  async #join(client: Socket): Promise<void> {
    if (client.destroyed) return;
    const guest = connect({ ...this.#target, allowHalfOpen: true, noDelay: true });
    this.#couple(client, guest);
    this.#couple(guest, client);
    await once(guest, 'connect').catch(() => undefined);
    await new Promise((resolve) => setTimeout(resolve, BETWEEN_CONNECTS_MS));
  }

  #couple(from: Socket, to: Socket): void {
    this.#sockets.add(from);
    from.on('error', () => undefined);
    from.on('close', () => {
      this.#sockets.delete(from);
      to.destroy();
    });
    from.pipe(to);
  }
}
