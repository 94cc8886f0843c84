import type { Clock } from './clock.ts';
import type { Logger } from './log.ts';
import { WorkQueue } from './workqueue.ts';

export interface Result {
  /** Come back after this time even if nothing changes. */
  readonly requeueAfterMs?: number | undefined;
}

/** Makes the world match the object of this key. Level-based: it may run at any time, any number of times. */
export type Reconciler = (key: string, signal: AbortSignal) => Promise<Result>;

export type Outcome = 'success' | 'requeue' | 'error';

export interface ControllerOptions {
  readonly name: string;
  readonly workers: number;
  readonly clock: Clock;
  readonly log: Logger;
  readonly observe: (controller: string, outcome: Outcome, seconds: number) => void;
}

export interface Controller {
  readonly enqueue: (key: string) => void;
  /** Of several delayed adds of a key the earliest counts, so that many changes become one pass. */
  readonly enqueueAfter: (key: string, ms: number) => void;
  /** Resolves when every worker has ended after the signal aborted. */
  readonly run: (signal: AbortSignal) => Promise<void>;
}

export function createController(reconcile: Reconciler, options: ControllerOptions): Controller {
  const { clock, name } = options;
  const log = options.log.child({ controller: name });
  const queue = new WorkQueue(clock, { baseMs: 50, maxMs: 30_000 });

  async function attempt(key: string, signal: AbortSignal): Promise<void> {
    const started = clock.now();
    let ended: Ended;
    try {
      ended = { result: await reconcile(key, signal) };
    } catch (error) {
      ended = { error };
    }
    const outcome = settle(queue, key, ended, log);
    options.observe(name, outcome, (clock.now() - started) / 1000);
    queue.done(key);
  }

  async function work(signal: AbortSignal): Promise<void> {
    for (let key = await queue.get(); key !== undefined; key = await queue.get()) {
      if (signal.aborted) return;
      await attempt(key, signal);
    }
  }

  return {
    enqueue: (key) => {
      queue.add(key);
    },
    enqueueAfter: (key, ms) => {
      queue.addAfter(key, ms);
    },
    run: async (signal) => {
      const close = (): void => {
        queue.close();
      };
      signal.addEventListener('abort', close, { once: true });
      if (signal.aborted) close();
      await Promise.all(Array.from({ length: options.workers }, () => work(signal)));
    },
  };
}

type Ended = { readonly result: Result } | { readonly error: unknown };

/** The one place that turns an end into queue calls and a log line. */
function settle(queue: WorkQueue, key: string, ended: Ended, log: Logger): Outcome {
  if ('result' in ended) {
    queue.forget(key);
    if (ended.result.requeueAfterMs === undefined) return 'success';
    queue.addAfter(key, ended.result.requeueAfterMs);
    return 'requeue';
  }
  const { error } = ended;
  const retryMs = queue.addRateLimited(key);
  log.warn('reconcile failed', { key, error, retryMs: Math.round(retryMs) });
  return 'error';
}
