import type { Invocation } from './invocation.ts';

/** The third argument of a fetch handler, as Workers have it. */
export interface FetchContext {
  /** Work that goes on behind the answer: the invocation keeps its slot for it, up to its timeout. */
  waitUntil(work: unknown): void;
  /** There is nothing behind this function that could answer instead. */
  passThroughOnException(): void;
}

/** What a handler leaves to be done when its answer is over. */
export class Background {
  readonly #invocation: Invocation;
  readonly #failed: (error: unknown) => void;
  readonly #pending = new Set<Promise<unknown>>();

  /** @param failed hears of work that rejects: the answer has nothing to do with it */
  constructor(invocation: Invocation, failed: (error: unknown) => void) {
    this.#invocation = invocation;
    this.#failed = failed;
  }

  readonly context: FetchContext = {
    waitUntil: (work) => {
      const settled = Promise.resolve(work).catch(this.#failed);
      this.#pending.add(settled);
      void settled.then(() => this.#pending.delete(settled));
    },
    passThroughOnException: () => undefined,
  };

  /** Settles when all is done, also what was added meanwhile, or at the invocation's timeout. */
  async done(): Promise<void> {
    if (this.#pending.size === 0) return;
    const late = Promise.withResolvers<'late'>();
    const ms = Math.max(0, this.#invocation.deadline - performance.now());
    const timer = setTimeout(late.resolve, ms, 'late');
    while (this.#pending.size > 0) {
      if ((await Promise.race([late.promise, Promise.all(this.#pending)])) === 'late') break;
    }
    clearTimeout(timer);
  }
}
