/** After the first failure, doubled with each further one. */
export const PAUSE_MS = 250;
export const LONGEST_PAUSE_MS = 60_000;
/** A failure that is longer ago than this begins a new row. */
const FORGOTTEN_MS = 2 * LONGEST_PAUSE_MS;

interface Row {
  readonly failures: number;
  /** When the pause ends, milliseconds since the epoch. */
  readonly until: number;
  /** A bind has succeeded since. */
  readonly over: boolean;
}

/**
 * Applications whose VMs are lost again and again: to their binds, or soon after. Each costs the pool
 * that others share, so they wait longer and longer, and then try with one VM.
 */
export class Pauses {
  readonly #rows = new Map<string, Row>();

  /** VMs that may be bound for the application now, those that are being bound included. */
  limit(application: string, now: number): number {
    const row = this.#rows.get(application);
    if (row === undefined || now - row.until > FORGOTTEN_MS) return Infinity;
    if (now < row.until) return 0;
    return row.over ? Infinity : 1;
  }

  /** VMs, or groups of them, that were lost in a row; 0 once a bind has succeeded. */
  failures(application: string, now: number): number {
    const row = this.#rows.get(application);
    return row === undefined || row.over || now - row.until > FORGOTTEN_MS ? 0 : row.failures;
  }

  /** A VM was lost. Answers how long nothing is bound from now on; what failed together is one failure. */
  fail(application: string, now: number): number {
    const row = this.#rows.get(application);
    if (row !== undefined && now < row.until) return row.until - now;
    const inRow = row !== undefined && now - row.until <= FORGOTTEN_MS;
    const failures = inRow ? row.failures : 0;
    const pauseMs = Math.min(PAUSE_MS * 2 ** Math.min(failures, 30), LONGEST_PAUSE_MS);
    this.#rows.set(application, { failures: failures + 1, until: now + pauseMs, over: false });
    return pauseMs;
  }

  /**
   * A bind has succeeded: there is no pause now, and the next failure still counts as one more.
   * Answers whether more VMs may be bound than before.
   */
  succeed(application: string, now: number): boolean {
    const row = this.#rows.get(application);
    if (row === undefined || row.over) return false;
    this.#rows.set(application, { ...row, until: Math.min(row.until, now), over: true });
    return true;
  }

  end(application: string): void {
    this.#rows.delete(application);
  }
}
