import type { QueueBounds } from '../domain/dispatch/admission.ts';

/** Times in milliseconds; each has a problem of its own. */
export interface GatewayTimers {
  /** In the queue. */
  readonly queueMs: number;
  /** Until a connection to a VM stands. */
  readonly connectMs: number;
  /** From the slot to the head of the answer; 0: only the total counts. */
  readonly firstByteMs: number;
  /** Added to the function's own timeout for the total, so that the agent's answer comes first. */
  readonly graceMs: number;
  /** Until a client has sent the head of its request. */
  readonly headersMs: number;
  /** For which a client may send nothing of a body that is waited for. */
  readonly bodyIdleMs: number;
  /** For which a client's connection without a request stays open. */
  readonly keepAliveMs: number;
  /** For which a connection to a VM without a request stays open; agents close after 75 s. */
  readonly upstreamIdleMs: number;
  /** For which a tunnel may carry nothing, either way. */
  readonly tunnelIdleMs: number;
  /** From the upgrade to the end of a tunnel. */
  readonly tunnelMs: number;
  /** How exact timers are. */
  readonly tickMs: number;
}

export interface GatewayOptions {
  readonly name: string;
  readonly host: string;
  /** 0: any free one. */
  readonly port: number;
  readonly queue: QueueBounds;
  readonly timers: GatewayTimers;
  /** Connections of clients at once; more are closed as they come. */
  readonly maxConnections: number;
  /** Bytes of a request's head; more is 431. */
  readonly maxHeaderBytes: number;
  /** Bytes of a request's body; more is 413. */
  readonly maxBodyBytes: number;
  /** VMs that a request is sent to before it fails. */
  readonly maxAttempts: number;
  /** Milliseconds between not being ready and no longer accepting: load balancers notice. */
  readonly drainGraceMs: number;
  /** Milliseconds for what is queued and in flight after that. */
  readonly drainMs: number;
  /** Milliseconds without a word of the operator after which bound VMs are listed. */
  readonly recoverAfterMs: number;
}

export const DEFAULT_TIMERS: GatewayTimers = {
  queueMs: 30_000,
  connectMs: 1_000,
  firstByteMs: 0,
  graceMs: 5_000,
  headersMs: 10_000,
  bodyIdleMs: 30_000,
  keepAliveMs: 65_000,
  upstreamIdleMs: 50_000,
  tunnelIdleMs: 600_000,
  tunnelMs: 7_200_000,
  tickMs: 50,
};

export const DEFAULT_OPTIONS: GatewayOptions = {
  name: 'gateway',
  host: '0.0.0.0',
  port: 8080,
  queue: { count: 10_000, bytes: 256 * 1024 * 1024 },
  timers: DEFAULT_TIMERS,
  maxConnections: 20_000,
  maxHeaderBytes: 16 * 1024,
  maxBodyBytes: 1024 * 1024 * 1024,
  maxAttempts: 3,
  drainGraceMs: 5_000,
  drainMs: 30_000,
  recoverAfterMs: 2_000,
};
