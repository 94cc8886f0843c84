/** Bounds of everything that comes from outside, and the times that the agent waits. */
export interface Limits {
  /** Bytes of the manifest in a bind. */
  readonly manifestBytes: number;
  /** Bytes of all files in a bind; they stay in memory, since /tmp is a RAM disk in OSv. */
  readonly payloadBytes: number;
  readonly files: number;
  /** Milliseconds that a bind may take to arrive. */
  readonly bindMs: number;
  /** Milliseconds that a module may take to load. */
  readonly loadMs: number;
  /**
   * Milliseconds after its timeout in which an invocation must really end;
   * also how long the event loop may stand still beyond the largest timeout.
   */
  readonly graceMs: number;
  /**
   * Milliseconds for which a broken VM goes on to refuse, once nothing runs, before
   * it ends by itself: time for the operator to read the meter and to delete it.
   */
  readonly lingerMs: number;
  /** Milliseconds in which a request's headers must have come. */
  readonly headersMs: number;
  /** Bytes of request headers. */
  readonly headerBytes: number;
  /** Bytes of a request body that a Lambda-style handler gets: it is held in memory. */
  readonly lambdaBodyBytes: number;
  /** Characters of one captured log message. */
  readonly logCharacters: number;
}

const MIB = 1024 * 1024;

export const DEFAULT_LIMITS: Limits = {
  manifestBytes: 4 * MIB,
  payloadBytes: 256 * MIB,
  files: 50_000,
  bindMs: 30_000,
  loadMs: 10_000,
  graceMs: 3_000,
  lingerMs: 10_000,
  headersMs: 15_000,
  headerBytes: 32 * 1024,
  lambdaBodyBytes: 6 * MIB,
  logCharacters: 16 * 1024,
};
