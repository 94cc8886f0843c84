import { Backlog } from '../../domain/scaling/backlog.ts';
import type { Drainer } from './drainer.ts';
import { Assigner, type AssignerOptions } from './assign.ts';
import { Evaluator, type EvaluatorOptions } from './evaluate.ts';

export interface ScalerOptions extends EvaluatorOptions, AssignerOptions {
  readonly drainer: Drainer;
}

/**
 * Gives every application the VMs that its demand asks for. Looks at once when
 * something changes (demand, a VM, a Function) and again when a decision says so.
 */
export class Scaler {
  readonly backlog = new Backlog();
  readonly #options: ScalerOptions;
  readonly #evaluator: Evaluator;
  readonly #assigner: Assigner;
  readonly #timers = new Map<string, () => void>();
  readonly #touched = new Set<string>();
  #started = false;

  constructor(options: ScalerOptions) {
    this.#options = options;
    this.#evaluator = new Evaluator(options);
    this.#assigner = new Assigner(options, this.backlog, (id, afterMs) => {
      this.#schedule(id, afterMs);
    });
  }

  /** A generic VM has come: whoever waits longest goes first. */
  serveWaiting(pool: string): void {
    const { demand } = this.#options;
    const waitOf = (id: string): number => demand.loadOf(id).oldestWaitMs;
    for (const id of this.backlog.ranked(pool, waitOf)) this.touch(id);
  }

  /** Look at this application as soon as what is going on now has ended; many touches become one look. */
  touch(id: string): void {
    this.#touched.add(id);
    if (this.#touched.size > 1 || !this.#started) return;
    queueMicrotask(() => {
      this.#flush();
    });
  }

  /** Before this nothing is decided: a restarted operator must know its VMs and Functions first. */
  start(): void {
    this.#started = true;
    this.#options.drainer.start();
    this.#flush();
  }

  /** Ends all timers; nothing is decided any more. */
  stop(): void {
    this.#started = false;
    this.#options.drainer.stop();
    for (const cancel of this.#timers.values()) cancel();
    this.#timers.clear();
  }

  #flush(): void {
    if (!this.#started) return;
    const ids = [...this.#touched];
    this.#touched.clear();
    for (const id of ids) this.#look(id);
  }

  #look(id: string): void {
    const { registry, fleet, drainer, publisher } = this.#options;
    const { record, decision, refusals, stranded } = this.#evaluator.evaluate(id);
    for (const vmId of decision.drain) {
      const vm = fleet.byVmId(vmId);
      if (vm !== undefined) drainer.drain(vm);
    }
    for (const refusal of refusals) publisher.refuse(id, refusal);
    if (record === undefined) this.#assigner.forget(id);
    else this.#assigner.assign(record, decision);
    // Whoever waits is told at once what the next VM would die of; who comes when one is tried waits for that one.
    if (stranded && record?.trouble !== undefined && this.#assigner.isPaused(id)) {
      publisher.refuse(id, { ...record.trouble, final: true });
    }
    if (registry.isClaimed(id)) this.#schedule(id, decision.againAfterMs);
    else this.#forget(id);
  }

  #schedule(id: string, afterMs: number | undefined): void {
    if (afterMs === undefined) return;
    this.#timers.get(id)?.();
    const again = (): void => {
      this.#timers.delete(id);
      this.touch(id);
    };
    this.#timers.set(id, this.#options.clock.after(afterMs, again));
  }

  #forget(id: string): void {
    this.#timers.get(id)?.();
    this.#timers.delete(id);
    this.#evaluator.forget(id);
  }
}
