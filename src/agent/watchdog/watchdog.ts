import { extname, join } from 'node:path';
import { Worker } from 'node:worker_threads';
import type { HostedFunction } from '../function.ts';
import type { Log } from '../host/log.ts';
import type { Limits } from '../limits.ts';
import { BEAT, RUNNING, SHARED_BYTES, type WatchPlan } from './plan.ts';

/** Room for a thread that holds a loop and one log line. */
const RESOURCES = {
  maxOldGenerationSizeMb: 32,
  maxYoungGenerationSizeMb: 2,
  codeRangeSizeMb: 2,
  stackSizeMb: 1,
};

/**
 * Ends the process when user code keeps the event loop busy: nothing on the main
 * thread could, and a VM has no parent to do it. See thread.ts for how.
 */
export class Watchdog {
  readonly #shared = new Int32Array(new SharedArrayBuffer(SHARED_BYTES));
  readonly #indexes = new Map<HostedFunction, number>();
  readonly #log: Log;
  #worker: Worker | undefined;

  constructor(log: Log) {
    this.#log = log;
  }

  /** Costs 30 ms of CPU: to be done while the VM is generic. Does nothing the second time. */
  start(): void {
    if (this.#worker !== undefined) {
      return;
    }
    // In the image's bundle too: thread.js lies beside main.js.
    const file = join(import.meta.dirname, `thread${extname(import.meta.filename)}`);
    this.#worker = new Worker(file, {
      workerData: this.#shared.buffer,
      resourceLimits: RESOURCES,
      env: {},
      execArgv: [],
    });
    this.#worker.on('message', () => {
      Atomics.add(this.#shared, BEAT, 1);
      Atomics.notify(this.#shared, BEAT);
    });
    this.#worker.on('error', (error) => {
      this.#log.error('the watchdog has ended; nothing watches the event loop now', { error });
    });
    this.#worker.unref();
  }

  /** Begins to watch. */
  bound(functions: readonly HostedFunction[], limits: Limits): void {
    this.start();
    functions.forEach((fn, index) => this.#indexes.set(fn, index));
    const plan: WatchPlan = {
      functions: functions.map(({ name, spec: { timeoutMs } }) => ({ name, timeoutMs })),
      idleMs: limits.loadMs,
      graceMs: limits.graceMs,
    };
    this.#worker?.postMessage(plan);
  }

  /** An invocation of `fn` has begun (1) or ended (-1). */
  count(fn: HostedFunction, change: 1 | -1): void {
    Atomics.add(this.#shared, RUNNING + (this.#indexes.get(fn) ?? 0), change);
  }
}
