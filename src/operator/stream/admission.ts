import type { IncomingMessage } from 'node:http';
import type { Duplex } from 'node:stream';
import { STREAM_PATH } from '../../api/gateway-protocol.ts';
import type { Clock } from '../../runtime/clock.ts';
import type { Logger } from '../../runtime/log.ts';
import { Reviews, ReviewsBusy, type Authenticate } from './reviews.ts';

export interface AdmissionOptions {
  readonly authenticate: Authenticate;
  /** Service accounts that gateways run as. */
  readonly allowed: readonly string[];
  readonly clock: Clock;
  readonly log: Logger;
}

/** Connections that are not admitted yet, at once. */
const MAX_PENDING = 64;
/** Until it is known whether a connection is admitted. */
const ADMIT_MS = 10_000;
const BUSY = '503 Service Unavailable';

/** Who may open a stream. Strangers cost a bounded number of sockets, for a bounded time. */
export class Admission {
  readonly #options: AdmissionOptions;
  readonly #isFull: () => boolean;
  readonly #reviews: Reviews;
  readonly #pending = new Set<Duplex>();

  /** @param isFull whether there are as many streams as there may be */
  constructor(options: AdmissionOptions, isFull: () => boolean) {
    this.#options = options;
    this.#isFull = isFull;
    this.#reviews = new Reviews(options.authenticate, options.clock);
  }

  /** Calls `admitted` for a socket that is still there; answers any other itself. */
  async check(request: IncomingMessage, socket: Duplex, admitted: () => void): Promise<void> {
    // From the first moment on: nobody else listens, and a reset while the token is reviewed would end the process.
    const ignore = (): void => undefined;
    socket.on('error', ignore);
    if (this.#pending.size >= MAX_PENDING || this.#isFull()) {
      refuse(socket, BUSY);
      return;
    }
    this.#pending.add(socket);
    const cancel = this.#options.clock.after(ADMIT_MS, () => socket.destroy());
    const status = await this.#statusOf(request);
    this.#pending.delete(socket);
    cancel();
    if (socket.destroyed) return;
    if (status !== undefined) {
      refuse(socket, status);
      return;
    }
    socket.off('error', ignore);
    admitted();
  }

  stop(): void {
    for (const socket of this.#pending) socket.destroy();
  }

  /** The status to refuse with, or undefined. */
  async #statusOf({ url, headers, socket }: IncomingMessage): Promise<string | undefined> {
    const { allowed, log } = this.#options;
    if (url !== STREAM_PATH) return '404 Not Found';
    const token = /^Bearer (\S+)$/.exec(headers.authorization ?? '')?.[1];
    if (token === undefined) return '401 Unauthorized';
    try {
      const account = await this.#reviews.accountOf(token, socket.remoteAddress ?? '');
      if (account === undefined) return '401 Unauthorized';
      if (allowed.includes(account)) return undefined;
      log.warn('gateway refused', { account, allowed });
      return '403 Forbidden';
    } catch (error) {
      if (error instanceof ReviewsBusy) return BUSY;
      log.warn('token review failed', { error });
      return BUSY;
    }
  }
}

function refuse(socket: Duplex, status: string): void {
  const answer = `HTTP/1.1 ${status}\r\nconnection: close\r\ncontent-length: 0\r\n\r\n`;
  socket.end(answer, () => socket.destroy());
}
