import type { ApplicationSettings } from '../../domain/application.ts';
import {
  decideScale,
  type ApplicationVm,
  type ScaleDecision,
} from '../../domain/scaling/decide.ts';
import type { DemandBook } from '../../domain/scaling/demand-book.ts';
import type { Window } from '../../domain/scaling/window.ts';
import type { Clock } from '../../runtime/clock.ts';
import type { ApplicationRecord, ApplicationRegistry } from '../applications/registry.ts';
import type { Tokens } from '../agents/tokens.ts';
import type { Fleet } from '../vms/fleet.ts';
import type { Vm } from '../vms/vm.ts';
import type { Pools } from './pools.ts';

export interface EvaluatorOptions {
  readonly registry: ApplicationRegistry;
  readonly fleet: Fleet;
  readonly demand: DemandBook;
  readonly pools: Pools;
  readonly tokens: Pick<Tokens, 'keyId'>;
  readonly clock: Clock;
}

/** What is to become of an application's VMs. */
export interface Evaluation {
  /** What to bind VMs with; undefined while nothing can be bound. */
  readonly record: ApplicationRecord | undefined;
  readonly decision: Pick<ScaleDecision, 'bind' | 'renew' | 'drain' | 'againAfterMs'>;
  /** What requests that wait are told. */
  readonly refusal: Refusal | undefined;
}

export interface Refusal {
  readonly reason: string;
  readonly detail: string;
  readonly final: boolean;
}

/** Looks at an application: what it is, what is asked of it, what it has. Changes nothing but its memory. */
export class Evaluator {
  readonly #options: EvaluatorOptions;
  readonly #windows = new Map<string, Window>();

  constructor(options: EvaluatorOptions) {
    this.#options = options;
  }

  evaluate(id: string): Evaluation {
    const { registry } = this.#options;
    const record = registry.get(id);
    const settings = registry.settingsOf(id);
    const obstacle = record === undefined ? registry.blockedBy(id) : record.blocked;
    if (settings === undefined) return this.#given(id, unknown(id));
    if (obstacle?.evict === true) return this.#given(id, { ...obstacle, final: true });
    const vms = this.#vmsOf(id, obstacle === undefined ? record : undefined);
    const decision = this.#decide(id, settings, vms);
    if (obstacle === undefined) return { record, decision, refusal: undefined };
    // Its VMs serve as long as they are used: there is no telling when another can be bound.
    const { reason, detail, pending = false } = obstacle;
    const refusal = { reason, detail, final: vms.length === 0 && !pending };
    return { record: undefined, decision: { ...decision, bind: 0, renew: 0 }, refusal };
  }

  forget(id: string): void {
    this.#windows.delete(id);
  }

  /** It is given up: whatever it has goes, once nothing is in flight there (invariant I4). */
  #given(id: string, refusal: Refusal): Evaluation {
    const drain = this.#options.fleet.ofApplication(id).map((vm) => vm.vmId);
    const decision = { bind: 0, renew: 0, drain, againAfterMs: undefined };
    return { record: undefined, decision, refusal };
  }

  #decide(id: string, settings: ApplicationSettings, vms: readonly ApplicationVm[]): ScaleDecision {
    const { demand, clock } = this.#options;
    const now = clock.now();
    const facts = { load: demand.loadOf(id), complete: demand.isComplete(now) };
    const decision = decideScale({ now, settings, vms, window: this.#windows.get(id), ...facts });
    this.#windows.set(id, decision.window);
    return decision;
  }

  /** Without a record nobody knows what its code should be: what runs is taken for current. */
  #vmsOf(id: string, record: ApplicationRecord | undefined): readonly ApplicationVm[] {
    const revision = record?.bundle.revision;
    return this.#options.fleet.ofApplication(id).flatMap((vm) => this.#describe(vm, revision));
  }

  #describe(vm: Vm, revision: string | undefined): ApplicationVm[] {
    const { vmId, stage, binding } = vm;
    if (binding === undefined || (stage !== 'binding' && stage !== 'bound')) return [];
    const { pools, tokens } = this.#options;
    const pooled = pools.revisionOf(vm.pool);
    const currentCode = revision === undefined || revision === binding.revision;
    const currentKey = binding.tokenKey === tokens.keyId;
    const currentImage = currentKey && (pooled === undefined || pooled === vm.poolRevision);
    return [{ vmId, stage, currentCode, currentImage, boundAt: binding.boundAt }];
  }
}

function unknown(id: string): Refusal {
  return { reason: 'ApplicationUnknown', detail: `no Function of ${id}`, final: false };
}
