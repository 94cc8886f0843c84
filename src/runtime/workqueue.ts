import type { Clock } from './clock.ts';
import { backoffMs, type BackoffPolicy } from './backoff.ts';

/**
 * The work queue of client-go (util/workqueue): a key waits at most once, a key
 * is worked on by one worker at a time, and a key that is added while it is
 * being worked on runs once more afterwards. No added key is ever lost.
 */
export class WorkQueue {
  readonly #clock: Clock;
  readonly #policy: BackoffPolicy;
  readonly #random: () => number;
  /** In order of arrival; a Set keeps that order and collapses duplicates. */
  readonly #waiting = new Set<string>();
  readonly #working = new Set<string>();
  /** Added again while being worked on. */
  readonly #again = new Set<string>();
  readonly #delayed = new Map<string, { due: number; cancel: () => void }>();
  readonly #failures = new Map<string, number>();
  readonly #takers: ((key: string | undefined) => void)[] = [];
  #closed = false;

  constructor(clock: Clock, policy: BackoffPolicy, random: () => number = Math.random) {
    this.#clock = clock;
    this.#policy = policy;
    this.#random = random;
  }

  get length(): number {
    return this.#waiting.size;
  }

  add(key: string): void {
    if (this.#closed) return;
    if (this.#working.has(key)) {
      this.#again.add(key);
      return;
    }
    const taker = this.#waiting.has(key) ? undefined : this.#takers.shift();
    if (taker === undefined) {
      this.#waiting.add(key);
      return;
    }
    this.#working.add(key);
    taker(key);
  }

  /** Of several delayed adds of a key the earliest counts. */
  addAfter(key: string, ms: number): void {
    if (this.#closed) return;
    const due = this.#clock.now() + ms;
    const pending = this.#delayed.get(key);
    if (pending !== undefined && pending.due <= due) return;
    pending?.cancel();
    const cancel = this.#clock.after(ms, () => {
      this.#delayed.delete(key);
      this.add(key);
    });
    this.#delayed.set(key, { due, cancel });
  }

  /** Adds after a delay that doubles with each call until {@link forget}. Answers that delay. */
  addRateLimited(key: string): number {
    const failures = this.#failures.get(key) ?? 0;
    this.#failures.set(key, failures + 1);
    const ms = backoffMs(this.#policy, failures, this.#random());
    this.addAfter(key, ms);
    return ms;
  }

  forget(key: string): void {
    this.#failures.delete(key);
  }

  /** The next key, or undefined once the queue is closed and empty. Follow with {@link done}. */
  async get(): Promise<string | undefined> {
    for (const key of this.#waiting) {
      this.#waiting.delete(key);
      this.#working.add(key);
      return key;
    }
    if (this.#closed) return undefined;
    return new Promise((resolve) => this.#takers.push(resolve));
  }

  done(key: string): void {
    this.#working.delete(key);
    if (this.#again.delete(key)) this.add(key);
  }

  /** No further adds; what waits is still handed out. */
  close(): void {
    this.#closed = true;
    for (const { cancel } of this.#delayed.values()) cancel();
    this.#delayed.clear();
    for (const taker of this.#takers.splice(0)) taker(undefined);
  }
}
