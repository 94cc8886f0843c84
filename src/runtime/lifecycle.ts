import type { Clock } from './clock.ts';
import type { Logger } from './log.ts';

/** A part of a process that is started and stopped. */
export interface Part {
  readonly name: string;
  readonly start: () => Promise<void> | void;
  readonly stop: () => Promise<void> | void;
}

/**
 * Starts parts in order and stops them in reverse. A start that fails stops
 * what was started before and rejects; so does a stop in the middle of a start.
 * A stop that fails or takes longer than its deadline is logged and the next
 * part's turn comes.
 */
export class Lifecycle {
  readonly #clock: Clock;
  readonly #log: Logger;
  readonly #stopDeadlineMs: number;
  readonly #started: Part[] = [];
  #starting: Promise<void> = Promise.resolve();
  #stopping: Promise<void> | undefined;

  constructor(clock: Clock, log: Logger, stopDeadlineMs = 30_000) {
    this.#clock = clock;
    this.#log = log;
    this.#stopDeadlineMs = stopDeadlineMs;
  }

  start(parts: readonly Part[]): Promise<void> {
    this.#starting = this.#startAll(parts);
    return this.#starting;
  }

  /** Idempotent: later calls wait for the first. */
  stop(): Promise<void> {
    this.#stopping ??= this.#stopAll();
    return this.#stopping;
  }

  async #startAll(parts: readonly Part[]): Promise<void> {
    for (const part of parts) {
      try {
        await part.start();
      } catch (error) {
        await this.#stopStarted();
        throw new Error(`${part.name} did not start`, { cause: error });
      }
      this.#started.push(part);
      if (this.#stopping !== undefined) throw new Error('stopped while starting');
    }
  }

  async #stopAll(): Promise<void> {
    // A part that is starting at this moment is stopped like the others once it is up.
    await this.#guarded('start', () => this.#starting.catch(() => undefined));
    await this.#stopStarted();
  }

  async #stopStarted(): Promise<void> {
    for (const part of this.#started.splice(0).reverse()) {
      await this.#guarded(part.name, () => part.stop());
    }
  }

  /** Never rejects, and never takes longer than the deadline. */
  async #guarded(part: string, stop: () => Promise<void> | void): Promise<void> {
    try {
      await this.#withDeadline(part, stop);
    } catch (error) {
      this.#log.error('stop failed', { part, error });
    }
  }

  async #withDeadline(part: string, stop: () => Promise<void> | void): Promise<void> {
    let cancel: (() => void) | undefined;
    const late = new Promise<never>((_resolve, reject) => {
      cancel = this.#clock.after(this.#stopDeadlineMs, () => {
        reject(new Error(`${part} did not stop within ${this.#stopDeadlineMs} ms`));
      });
    });
    try {
      await Promise.race([stop(), late]);
    } finally {
      cancel?.();
    }
  }
}
