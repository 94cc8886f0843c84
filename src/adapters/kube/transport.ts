import type { KubeConfig } from '@kubernetes/client-node';
import { Agent, type Dispatcher } from 'undici';
import type { Clock } from '../../runtime/clock.ts';
import { clusterOf } from './config.ts';

/** One call has been answered; status 0 when it was not. */
export type ObserveCall = (method: string, status: number) => void;

type HttpsOptions = Parameters<KubeConfig['applyToHTTPSOptions']>[0];

/** How long credentials are used before they are read again; tokens in a pod rotate within the hour. */
const CREDENTIALS_MS = 30_000;

export interface Credentials {
  readonly dispatcher: Dispatcher;
  readonly headers: Readonly<Record<string, string>>;
}

/**
 * Connections to the API server. client-node makes a new dispatcher, and with it
 * a new TLS connection, for every request; this keeps one and makes another
 * only when certificates change. It is shared by calls and watches.
 */
export class Transport {
  readonly observe: ObserveCall;
  readonly #config: KubeConfig;
  readonly #clock: Clock;
  #current: (Credentials & { readonly key: string; readonly agent: Agent }) | undefined;
  #readAt = 0;

  constructor(config: KubeConfig, clock: Clock, observe: ObserveCall = () => undefined) {
    this.observe = observe;
    this.#config = config;
    this.#clock = clock;
  }

  get origin(): string {
    return clusterOf(this.#config).server.replace(/\/$/, '');
  }

  /** `fresh`: read them again now, after the API server said 401. */
  async credentials(fresh = false): Promise<Credentials> {
    const now = this.#clock.now();
    if (this.#current !== undefined && !fresh && now - this.#readAt < CREDENTIALS_MS) {
      return this.#current;
    }
    const options: HttpsOptions = {};
    await this.#config.applyToHTTPSOptions(options);
    this.#readAt = now;
    return this.#use(options);
  }

  async close(): Promise<void> {
    await this.#current?.agent.destroy();
    this.#current = undefined;
  }

  #use(options: HttpsOptions): Credentials {
    const { ca, cert, key, rejectUnauthorized } = options;
    const tls = { ca, cert, key, rejectUnauthorized };
    const identity = JSON.stringify(tls);
    const headers = plainHeaders(options.headers);
    const old = this.#current;
    if (old?.key === identity) {
      this.#current = { ...old, headers };
      return this.#current;
    }
    // Watches are silent for long: they bring their own timeouts, the pool has none.
    const set = Object.entries(tls).filter(([, value]) => value !== undefined);
    const agent = new Agent({
      connect: { ...Object.fromEntries(set), timeout: 5_000, keepAlive: true },
      bodyTimeout: 0,
      headersTimeout: 60_000,
      keepAliveTimeout: 60_000,
      connections: 128,
    });
    this.#current = { dispatcher: agent, agent, headers, key: identity };
    if (old !== undefined) void old.agent.close();
    return this.#current;
  }
}

function plainHeaders(headers: HttpsOptions['headers']): Record<string, string> {
  const entries = headers === undefined || Array.isArray(headers) ? [] : Object.entries(headers);
  return Object.fromEntries(entries.map(([name, value]) => [name, String(value)]));
}
