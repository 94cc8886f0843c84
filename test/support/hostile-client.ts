import { connect, type Socket } from 'node:net';

/** A client that keeps to no rule, on the loopback only, and a bounded number of times. */
export class HostileClient {
  readonly #port: number;
  readonly #sockets = new Set<Socket>();

  constructor(port: number) {
    this.#port = port;
  }

  /** Sends these bytes on a connection of its own and leaves it open. */
  async send(bytes: string): Promise<Socket> {
    const socket = connect({ port: this.#port, host: '127.0.0.1', noDelay: true });
    this.#sockets.add(socket);
    socket.on('error', () => undefined);
    socket.once('close', () => this.#sockets.delete(socket));
    await new Promise((resolve) => socket.once('connect', resolve).once('close', resolve));
    socket.write(bytes, 'latin1');
    return socket;
  }

  /** Sends, and breaks the connection off at once, with a reset. */
  async sendAndReset(bytes: string): Promise<void> {
    const socket = await this.send(bytes);
    await new Promise((resolve) => setImmediate(resolve));
    socket.resetAndDestroy();
  }

  /** What came until the other side closed; rejects if it does not within `ms`. */
  async answerTo(bytes: string, ms: number): Promise<string> {
    const socket = await this.send(bytes);
    let text = '';
    socket.on('data', (data) => (text += data.toString('latin1')));
    return new Promise((resolve, reject) => {
      const timer = setTimeout(() => {
        reject(new Error(`still open after ${ms} ms, having said "${text.slice(0, 200)}"`));
      }, ms);
      socket.once('close', () => {
        clearTimeout(timer);
        resolve(text);
      });
    });
  }

  end(): void {
    for (const socket of this.#sockets) socket.resetAndDestroy();
  }
}
