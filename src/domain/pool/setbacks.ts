/**
 * What keeps a pool from getting VMs. *start*: they never become ready. *refused*: the API server says no,
 * as for a quota. *unclear*: it fails, as without a webhook that it must ask.
 */
export type Setback = 'start' | 'refused' | 'unclear';

const BACKOFFS: Readonly<Record<Setback, { readonly baseMs: number; readonly maxMs: number }>> = {
  start: { baseMs: 1_000, maxMs: 60_000 },
  refused: { baseMs: 1_000, maxMs: 60_000 },
  unclear: { baseMs: 250, maxMs: 5_000 },
};

interface Row {
  readonly failures: number;
  /** Nothing is created before, milliseconds since the epoch. */
  readonly until: number;
}

/** Failures in a row of one pool: it waits longer and longer, and tries a refused create with one VM. */
export class Setbacks {
  readonly #rows = new Map<Setback, Row>();
  #words: string | undefined;

  /** Why the API server takes no VM; undefined since it took one. */
  get words(): string | undefined {
    return this.#words;
  }

  /** VMs that may be created now. */
  limit(now: number): number {
    if (this.waitMs(now) > 0) return 0;
    return this.#rows.has('refused') || this.#rows.has('unclear') ? 1 : Infinity;
  }

  /** Until something may be created again. */
  waitMs(now: number): number {
    return Math.max(0, ...[...this.#rows.values()].map(({ until }) => until - now));
  }

  /** Those that were started together fail together: that is one failure. */
  fail(kind: Setback, now: number, words?: string): void {
    if (words !== undefined) this.#words = words;
    const row = this.#rows.get(kind);
    if (row !== undefined && now < row.until) return;
    const failures = row?.failures ?? 0;
    const { baseMs, maxMs } = BACKOFFS[kind];
    const waitMs = Math.min(baseMs * 2 ** Math.min(failures, 30), maxMs);
    this.#rows.set(kind, { failures: failures + 1, until: now + waitMs });
  }

  /** The API server took a VM. */
  created(): void {
    this.#rows.delete('refused');
    this.#rows.delete('unclear');
    this.#words = undefined;
  }

  /** A VM became ready: that makes up for all. */
  started(): void {
    this.#rows.delete('start');
  }
}
