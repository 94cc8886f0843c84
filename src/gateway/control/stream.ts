import WebSocket from 'ws';
import {
  encode,
  STREAM_PATH,
  STREAM_VERSION,
  type GatewayMessage,
  type OperatorMessage,
} from '../../api/gateway-protocol.ts';
import { OPERATOR_SCHEMAS } from '../../api/gateway-schema.ts';
import { backoffMs } from '../../runtime/backoff.ts';
import type { Clock } from '../../runtime/clock.ts';
import { messageOf } from '../../runtime/errors.ts';
import type { Logger } from '../../runtime/log.ts';
import { decoderOf } from '../../runtime/messages.ts';
import type { ControlHandlers, ControlStream } from './control-stream.ts';

export interface OperatorStreamOptions {
  /** `ws://host:port` or `wss://…` of the operator. */
  readonly url: string;
  /** Name of this gateway, unique among the operator's. */
  readonly gateway: string;
  /** Asked before every connection: tokens of service accounts change. */
  readonly bearer: () => Promise<string>;
  readonly clock: Clock;
  readonly log: Logger;
}

const BACKOFF = { baseMs: 100, maxMs: 2_000 };
/** A stream on which nothing at all arrives for two of these is dead. */
const PING_MS = 5_000;
const CLOSE_MS = 1_000;
/** A snapshot of some hundred thousand endpoints. */
const MAX_MESSAGE = 64 * 1024 * 1024;
/** Not read yet by the operator; it hears everything anew when the stream comes back. */
const MAX_UNREAD = 16 * 1024 * 1024;
const NOT_UNDERSTOOD = 1007;

const decode = decoderOf<OperatorMessage>(OPERATOR_SCHEMAS);

/** The gateway's end of the stream to the operator: comes back, with back-off, whenever it breaks. */
export class OperatorStream implements ControlStream {
  readonly #options: OperatorStreamOptions;
  #handlers: ControlHandlers | undefined;
  #socket: WebSocket | undefined;
  #failures = 0;
  #closed = false;
  #cancelTimer: () => void = () => undefined;

  constructor(options: OperatorStreamOptions) {
    this.#options = options;
  }

  get up(): boolean {
    return this.#socket?.readyState === WebSocket.OPEN;
  }

  send(message: GatewayMessage): void {
    const socket = this.#socket;
    if (socket?.readyState !== WebSocket.OPEN) return;
    if (socket.bufferedAmount > MAX_UNREAD) socket.terminate();
    else socket.send(encode(message));
  }

  start(handlers: ControlHandlers): void {
    this.#handlers = handlers;
    void this.#connect();
  }

  /** Resolves when everything that was sent is on its way and the stream is closed. */
  async close(): Promise<void> {
    this.#closed = true;
    this.#cancelTimer();
    const socket = this.#socket;
    if (socket === undefined || socket.readyState === WebSocket.CLOSED) return;
    await new Promise<void>((resolve) => {
      const cancel = this.#options.clock.after(CLOSE_MS, () => {
        socket.terminate();
      });
      socket.once('close', () => {
        cancel();
        resolve();
      });
      socket.close(1001);
    });
  }

  async #connect(): Promise<void> {
    let token: string;
    try {
      token = await this.#options.bearer();
    } catch (error) {
      this.#options.log.warn('operator stream: no token', { error });
      this.#again();
      return;
    }
    if (this.#closed) return;
    const url = this.#options.url.replace(/\/+$/, '') + STREAM_PATH;
    const headers = { authorization: `Bearer ${token}` };
    const socket = new WebSocket(url, {
      headers,
      handshakeTimeout: 5_000,
      perMessageDeflate: false,
      maxPayload: MAX_MESSAGE,
    });
    this.#socket = socket;
    socket.once('open', () => {
      this.#opened(socket);
    });
    socket.on('message', (data) => {
      if (socket.readyState === WebSocket.OPEN) this.#hear(socket, (data as Buffer).toString());
    });
    socket.on('error', (error) => {
      this.#options.log.debug('operator stream failed', { error: messageOf(error) });
    });
    socket.once('close', (code) => {
      this.#lost(code);
    });
  }

  #hear(socket: WebSocket, text: string): void {
    const decoded = decode(text);
    if ('problem' in decoded) {
      this.#options.log.error('operator not understood', { problem: decoded.problem });
      socket.close(NOT_UNDERSTOOD);
    } else if (decoded.message !== undefined) {
      this.#handlers?.message(decoded.message);
    }
  }

  #opened(socket: WebSocket): void {
    this.#options.log.info('operator stream stands', { url: this.#options.url });
    this.send({ type: 'hello', version: STREAM_VERSION, gateway: this.#options.gateway });
    this.#handlers?.opened();
    this.#watch(socket);
  }

  /** A network that swallows packets closes nothing: ask now and then. */
  #watch(socket: WebSocket): void {
    let heard = true;
    socket.on('pong', () => (heard = true));
    const check = (): void => {
      if (socket.readyState !== WebSocket.OPEN) return;
      if (!heard) {
        socket.terminate();
        return;
      }
      heard = false;
      // Only an operator that answers is one: a port that accepts and closes must not be hammered.
      this.#failures = 0;
      socket.ping();
      this.#cancelTimer = this.#options.clock.after(PING_MS, check);
    };
    this.#cancelTimer = this.#options.clock.after(PING_MS, check);
  }

  #lost(code: number): void {
    this.#cancelTimer();
    if (this.#closed) return;
    this.#options.log.warn('operator stream is down', { code, failures: this.#failures });
    this.#again();
  }

  #again(): void {
    if (this.#closed) return;
    const ms = backoffMs(BACKOFF, this.#failures, Math.random());
    this.#failures += 1;
    this.#cancelTimer = this.#options.clock.after(ms, () => void this.#connect());
  }
}
