interface Waiting {
  readonly namespace: string;
  readonly start: () => void;
}

/** So much runs at once, and of one namespace one: whoever names many slow sources waits for his own. */
export class Turns {
  readonly #most: number;
  readonly #running = new Set<string>();
  #waiting: Waiting[] = [];

  constructor(most: number) {
    this.#most = most;
  }

  /** @throws what `work` throws; the signal's reason, without having begun */
  async run<T>(namespace: string, signal: AbortSignal, work: () => Promise<T>): Promise<T> {
    await this.#turn(namespace, signal);
    try {
      signal.throwIfAborted();
      return await work();
    } finally {
      this.#running.delete(namespace);
      this.#next();
    }
  }

  #turn(namespace: string, signal: AbortSignal): Promise<void> {
    const { promise, resolve, reject } = Promise.withResolvers<undefined>();
    const waiting: Waiting = {
      namespace,
      start: () => {
        signal.removeEventListener('abort', leave);
        resolve(undefined);
      },
    };
    const leave = (): void => {
      this.#waiting = this.#waiting.filter((one) => one !== waiting);
      reject(signal.reason as Error);
    };
    if (signal.aborted) return Promise.reject(signal.reason as Error);
    signal.addEventListener('abort', leave, { once: true });
    this.#waiting.push(waiting);
    this.#next();
    return promise;
  }

  #next(): void {
    while (this.#running.size < this.#most) {
      const at = this.#waiting.findIndex(({ namespace }) => !this.#running.has(namespace));
      const [next] = at < 0 ? [] : this.#waiting.splice(at, 1);
      if (next === undefined) return;
      this.#running.add(next.namespace);
      next.start();
    }
  }
}
