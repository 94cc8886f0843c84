import { MAX_WAITED_FUNCTIONS, type Demand } from '../../api/gateway-protocol.ts';
import { Queues } from '../../domain/dispatch/containers/queues.ts';
import { Packing } from '../../domain/dispatch/packing.ts';
import type { Vm } from './vm.ts';
import type { OperatorRefusal, Waiter } from './waiter.ts';

/** What the gateway knows of an application: who waits, its VMs, and the figures of its demand. */
export class Application {
  readonly id: string;
  readonly queue = new Queues<Waiter>();
  readonly packing = new Packing<Vm>();
  readonly vms = new Map<string, Vm>();
  /** Bytes that its waiting requests hold. */
  queuedBytes = 0;
  inFlight = 0;
  arrivals = 0;
  /** Those that a level has told of. */
  #told = 0;
  /** Milliseconds, moving average. */
  serviceMs = 0;
  refusal: OperatorRefusal | undefined;
  /** What the operator said of single functions that were waited for. */
  readonly refusals = new Map<string, OperatorRefusal>();

  constructor(id: string) {
    this.id = id;
  }

  oldestWaitMs(now: number): number {
    const first = this.queue.first;
    return first === undefined ? 0 : Math.max(0, Math.round(now - first.arrivedAt));
  }

  /** Nothing uses it: it may be forgotten. */
  get unused(): boolean {
    return this.vms.size + this.inFlight + this.queue.length === 0;
  }

  /** What a level says of it; undefined when that is nothing. */
  level(now: number): Demand | undefined {
    const rests = this.inFlight + this.queue.length === 0 && this.arrivals === this.#told;
    if (rests) this.arrivals = 0;
    this.#told = this.arrivals;
    return rests ? undefined : this.demand(now);
  }

  /** What the operator said last to those who wait for this function. */
  refusalOf(functionName: string): OperatorRefusal | undefined {
    return this.refusals.get(functionName) ?? this.refusal;
  }

  demand(now: number): Demand {
    const functions = this.queue.counts().slice(0, MAX_WAITED_FUNCTIONS);
    return {
      application: this.id,
      inFlight: this.inFlight,
      waiting: this.queue.length,
      oldestWaitMs: this.oldestWaitMs(now),
      arrivals: this.arrivals,
      serviceMs: Math.round(this.serviceMs * 1000) / 1000,
      ...(functions.length === 0 ? {} : { functions }),
    };
  }
}
