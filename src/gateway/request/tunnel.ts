import { endAndLinger } from '../http/linger.ts';
import type { UpgradeRequest } from '../http/upgrade.ts';
import type { UpstreamConnection } from '../upstream/connection.ts';
import type { AnswerHead } from '../upstream/head.ts';
import { WebSocketFrames } from './websocket-frames.ts';

/** A close frame of a server that says 1001, "going away" (RFC 6455, 5.5.1 and 7.4.1). */
const GOING_AWAY = Buffer.from([0x88, 0x02, 0x03, 0xe9]);

/** Moves bytes both ways between a client and a function, each as fast as the other takes them. */
export class Tunnel {
  bytesIn = 0;
  bytesOut = 0;
  /** When bytes went through last, either way; clock of `performance.now()`. */
  lastAt = performance.now();
  readonly #upgrade: UpgradeRequest;
  readonly #upstream: UpstreamConnection;
  readonly #closed: () => void;
  /** What the function sends, for a WebSocket. */
  #frames: WebSocketFrames | undefined;
  /** `ending`: as soon as a frame ends. `ended`: the client gets nothing more. */
  #state: 'open' | 'ending' | 'ended' = 'open';
  #functionLeft = false;

  constructor(upgrade: UpgradeRequest, upstream: UpstreamConnection, closed: () => void) {
    this.#upgrade = upgrade;
    this.#upstream = upstream;
    this.#closed = closed;
  }

  /** The client was asked to go, or the function left. */
  get leaving(): boolean {
    return this.#state !== 'open';
  }

  open(head: AnswerHead, requestId: string, rest: Buffer): void {
    const { socket } = this.#upgrade;
    const upstream = this.#upstream;
    this.#upgrade.detach();
    // A client that was let idle between requests is idle no longer in that sense.
    socket.setTimeout(0);
    if (head.upgrade?.toLowerCase() === 'websocket') this.#frames = new WebSocketFrames();
    upstream.raw = (bytes) => this.#toClient(bytes);
    socket.on('drain', () => {
      upstream.resume();
    });
    const toFunction = (chunk: Buffer): void => {
      this.bytesIn += chunk.length;
      this.lastAt = performance.now();
      if (!upstream.write(chunk)) socket.pause();
    };
    socket.on('data', toFunction);
    socket.once('end', () => upstream.socket.end());
    upstream.socket.on('drain', () => {
      this.upstreamDrained();
    });
    upstream.socket.once('close', () => {
      this.#state = 'ended';
      this.#functionLeft = true;
      // What the client still says is nobody's, but its end must be noticed.
      socket.off('data', toFunction).resume();
      endAndLinger(socket);
      this.#closed();
    });
    socket.write(headText(head, requestId), 'latin1');
    if (rest.length > 0) this.#toClient(rest);
    for (const chunk of this.#upgrade.early) if (chunk.length > 0) upstream.write(chunk);
    this.#upgrade.early = [];
    socket.resume();
  }

  upstreamDrained(): void {
    this.#upgrade.socket.resume();
  }

  /**
   * Asks the client to go: a WebSocket gets its close frame where a frame of the function ends,
   * anything else the end of its stream. What the client still says reaches the function.
   * @returns whether it was not asked before
   */
  goAway(): boolean {
    if (this.leaving) return false;
    this.#state = 'ending';
    if (this.#frames === undefined) this.#end();
    else if (this.#frames.atBoundary) this.#sayGoodbye();
    return true;
  }

  /** Cuts what still stands. */
  close(): void {
    if (!this.#functionLeft) this.#upgrade.socket.destroy();
    this.#upstream.destroy();
  }

  /** Answers whether to go on reading. */
  #toClient(bytes: Buffer): boolean {
    const { socket } = this.#upgrade;
    if (this.#state === 'ended') return true;
    this.lastAt = performance.now();
    if (this.#state === 'ending' && this.#frames !== undefined) {
      const end = this.#frames.finish(bytes);
      this.bytesOut += end;
      const room = socket.write(Buffer.from(bytes.subarray(0, end)));
      if (this.#frames.atBoundary) this.#sayGoodbye();
      return room;
    }
    this.#frames?.pass(bytes);
    this.bytesOut += bytes.length;
    return socket.write(Buffer.from(bytes));
  }

  #sayGoodbye(): void {
    this.#upgrade.socket.write(GOING_AWAY);
    this.#end();
  }

  #end(): void {
    this.#state = 'ended';
    this.#upgrade.socket.end();
  }
}

function headText(head: AnswerHead, requestId: string): string {
  let text = `HTTP/1.1 101 ${head.statusText}\r\nconnection: upgrade\r\nupgrade: ${head.upgrade ?? ''}\r\n`;
  for (let index = 0; index < head.headers.length; index += 2) {
    text += `${head.headers[index] ?? ''}: ${head.headers[index + 1] ?? ''}\r\n`;
  }
  return `${text}x-request-id: ${requestId}\r\n\r\n`;
}
