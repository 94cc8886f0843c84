import { once } from 'node:events';
import { connect, createServer, type Server, type Socket } from 'node:net';

interface Place {
  readonly host: string;
  readonly port: number;
}

/** Bytes to and from a port of the loopback address, until a test cuts the line. */
export class TcpProxy {
  readonly #target: Place;
  readonly #sockets = new Set<Socket>();
  readonly #server: Server;
  #cut = false;
  /** Connections taken so far. */
  connections = 0;

  private constructor(host: string, port: number) {
    this.#target = { host, port };
    this.#server = createServer((socket) => {
      this.#take(socket);
    });
  }

  static to(target: number): Promise<TcpProxy> {
    return TcpProxy.between({ host: '127.0.0.1', port: 0 }, { host: '127.0.0.1', port: target });
  }

  /** @param from where it listens; any free port when 0 */
  static async between(from: Place, to: Place): Promise<TcpProxy> {
    const proxy = new TcpProxy(to.host, to.port);
    proxy.#server.listen(from.port, from.host);
    await once(proxy.#server, 'listening');
    return proxy;
  }

  get port(): number {
    return (this.#server.address() as { port: number }).port;
  }

  /** Ends all connections, and every new one at once. */
  cut(): void {
    this.#cut = true;
    for (const socket of this.#sockets) socket.destroy();
  }

  mend(): void {
    this.#cut = false;
  }

  async close(): Promise<void> {
    this.cut();
    this.#server.close();
    await once(this.#server, 'close');
  }

  #take(socket: Socket): void {
    this.connections += 1;
    if (this.#cut) {
      socket.destroy();
      return;
    }
    const onward = connect(this.#target);
    for (const [one, other] of [
      [socket, onward],
      [onward, socket],
    ] as const) {
      this.#sockets.add(one);
      one.on('error', () => undefined);
      one.once('close', () => {
        this.#sockets.delete(one);
        other.destroy();
      });
      one.pipe(other);
    }
  }
}
