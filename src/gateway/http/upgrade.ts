import type { Socket } from 'node:net';

/** Bytes that a client may send before its upgrade is granted. */
const EARLY_BYTES = 64 * 1024;

/** A client's side of an upgrade: its socket, and what it sent behind the request. */
export class UpgradeRequest {
  readonly socket: Socket;
  early: Buffer[];
  #earlyBytes = 0;

  constructor(socket: Socket, head: Buffer) {
    this.socket = socket;
    this.early = [head];
    // Somebody must read, or nobody would notice that the client left.
    socket.on('data', this.#keep);
    socket.on('error', () => undefined);
  }

  /** Gives up listening; what came until then is in `early`. */
  detach(): void {
    this.socket.off('data', this.#keep);
  }

  readonly #keep = (chunk: Buffer): void => {
    this.early.push(chunk);
    this.#earlyBytes += chunk.length;
    if (this.#earlyBytes > EARLY_BYTES) this.socket.pause();
  };
}
