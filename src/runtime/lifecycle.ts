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
 * what was started before and rejects; a stop that fails or takes longer than
 * its deadline is logged and the next part's turn comes.
 */
export class Lifecycle {
  readonly #clock: Clock;
  readonly #log: Logger;
  readonly #stopDeadlineMs: number;
  readonly #started: Part[] = [];
  #stopping: Promise<void> | undefined;

  constructor(clock: Clock, log: Logger, stopDeadlineMs = 30_000) {
    this.#clock = clock;
    this.#log = log;
    this.#stopDeadlineMs = stopDeadlineMs;
  }

  async start(parts: readonly Part[]): Promise<void> {
    for (const part of parts) {
      try {
        await part.start();
      } catch (error) {
        await this.stop();
        throw new Error(`${part.name} did not start`, { cause: error });
      }
      this.#started.push(part);
    }
  }

  /** Idempotent: later calls wait for the first. */
  stop(): Promise<void> {
    this.#stopping ??= this.#stopAll();
    return this.#stopping;
  }

  async #stopAll(): Promise<void> {
    for (const part of this.#started.reverse()) {
      try {
        await this.#withDeadline(part);
      } catch (error) {
        this.#log.error('stop failed', { part: part.name, error });
      }
    }
  }

  async #withDeadline(part: Part): Promise<void> {
    let cancel: (() => void) | undefined;
    const late = new Promise<never>((_resolve, reject) => {
      cancel = this.#clock.after(this.#stopDeadlineMs, () => {
        reject(new Error(`${part.name} did not stop within ${this.#stopDeadlineMs} ms`));
      });
    });
    try {
      await Promise.race([part.stop(), late]);
    } finally {
      cancel?.();
    }
  }
}
