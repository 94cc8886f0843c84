import type { Duplex } from 'node:stream';
import type { UpstreamConnection } from './upstream/connection.ts';
import type { AnswerHead } from './upstream/head.ts';

/** Bytes that a client may send before its upgrade is granted. */
const EARLY_BYTES = 64 * 1024;

/** A client's side of an upgrade: its socket, and what it sent behind the request. */
export class UpgradeRequest {
  readonly socket: Duplex;
  early: Buffer[];
  #earlyBytes = 0;

  constructor(socket: Duplex, head: Buffer) {
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

/** Moves bytes both ways between a client and a function, each as fast as the other takes them. */
export class Tunnel {
  bytesIn = 0;
  bytesOut = 0;
  readonly #upgrade: UpgradeRequest;
  readonly #upstream: UpstreamConnection;
  readonly #closed: () => void;

  constructor(upgrade: UpgradeRequest, upstream: UpstreamConnection, closed: () => void) {
    this.#upgrade = upgrade;
    this.#upstream = upstream;
    this.#closed = closed;
  }

  open(head: AnswerHead, requestId: string, rest: Buffer): void {
    const { socket } = this.#upgrade;
    const upstream = this.#upstream;
    this.#upgrade.detach();
    upstream.raw = (bytes) => {
      this.bytesOut += bytes.length;
      return socket.write(Buffer.from(bytes));
    };
    socket.on('drain', () => {
      upstream.resume();
    });
    socket.on('data', (chunk: Buffer) => {
      this.bytesIn += chunk.length;
      if (!upstream.write(chunk)) socket.pause();
    });
    socket.once('end', () => upstream.socket.end());
    upstream.socket.on('drain', () => {
      this.upstreamDrained();
    });
    upstream.socket.once('close', () => {
      socket.end();
      this.#closed();
    });
    socket.write(headText(head, requestId), 'latin1');
    if (rest.length > 0) socket.write(rest);
    for (const chunk of this.#upgrade.early) if (chunk.length > 0) upstream.write(chunk);
    this.#upgrade.early = [];
    socket.resume();
  }

  upstreamDrained(): void {
    this.#upgrade.socket.resume();
  }

  close(): void {
    const { socket } = this.#upgrade;
    if (!socket.writableEnded) socket.destroy();
    this.#upstream.destroy();
  }
}

function headText(head: AnswerHead, requestId: string): string {
  let text = `HTTP/1.1 101 ${head.statusText}\r\nconnection: upgrade\r\nupgrade: ${head.upgrade ?? ''}\r\n`;
  for (let index = 0; index < head.headers.length; index += 2) {
    text += `${head.headers[index] ?? ''}: ${head.headers[index + 1] ?? ''}\r\n`;
  }
  return `${text}x-request-id: ${requestId}\r\n\r\n`;
}
