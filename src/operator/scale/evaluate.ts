import type { ApplicationSettings } from '../../domain/application.ts';
import {
  decideScale,
  type ApplicationVm,
  type ScaleDecision,
  type ScaleFacts,
} from '../../domain/scaling/decide.ts';
import { isCurrent } from '../../domain/scaling/choose.ts';
import type { DemandBook } from '../../domain/scaling/demand-book.ts';
import type { Window } from '../../domain/scaling/window.ts';
import type { Clock } from '../../runtime/clock.ts';
import type { ApplicationRecord, ApplicationRegistry, Blocked } from '../applications/registry.ts';
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
  readonly refusals: readonly Refusal[];
  /** Requests wait, and no VM serves. */
  readonly stranded: boolean;
}

export interface Refusal {
  /** Concerns those who wait for this function alone. */
  readonly function?: string;
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
    const obstacle = this.#obstacleTo(id, record);
    if (settings === undefined) return this.#given(id, unknown(id));
    if (obstacle?.evict === true) return this.#given(id, refusalOf(obstacle));
    const vms = this.#vmsOf(id, obstacle === undefined ? record : undefined);
    const single = this.#singleRefusals(id);
    const load = this.#options.demand.loadOf(id, new Set(single.map((one) => one.function)));
    const decision = this.#decide(id, settings, { vms, load });
    const stranded = load.waiting > 0 && vms.every(({ stage }) => stage !== 'bound');
    if (obstacle === undefined) return { record, decision, refusals: single, stranded };
    // Its VMs serve as long as they are used: there is no telling when another can be bound.
    const { final, ...why } = refusalOf(obstacle);
    const all = load.waiting > 0 ? [{ ...why, final: final && vms.length === 0 }] : [];
    const refusals = [...single, ...all];
    return { record: undefined, decision: { ...decision, bind: 0, renew: 0 }, refusals, stranded };
  }

  /** Why nothing can be bound for it. */
  #obstacleTo(id: string, record: ApplicationRecord | undefined): Blocked | undefined {
    const { registry, fleet } = this.#options;
    const obstacle = record === undefined ? registry.blockedBy(id) : record.blocked;
    if (obstacle?.whileServed !== true) return obstacle;
    return fleet.ofApplication(id).some(({ stage }) => stage === 'bound') ? obstacle : undefined;
  }

  /** Functions that are waited for and cannot be served, though others of the application may. */
  #singleRefusals(id: string): readonly (Refusal & { readonly function: string })[] {
    const { registry, demand } = this.#options;
    return [...demand.awaited(id)].flatMap((name) => {
      const obstacle = registry.obstacleTo(id, name);
      return obstacle === undefined ? [] : [{ function: name, ...refusalOf(obstacle) }];
    });
  }

  forget(id: string): void {
    this.#windows.delete(id);
  }

  /** It is given up: whatever it has goes, once nothing is in flight there (invariant I4). */
  #given(id: string, refusal: Refusal): Evaluation {
    const drain = this.#options.fleet.ofApplication(id).map((vm) => vm.vmId);
    const decision = { bind: 0, renew: 0, drain, againAfterMs: undefined };
    const waits = this.#options.demand.loadOf(id).waiting > 0;
    return { record: undefined, decision, refusals: waits ? [refusal] : [], stranded: waits };
  }

  #decide(
    id: string,
    settings: ApplicationSettings,
    { vms, load }: Pick<ScaleFacts, 'vms' | 'load'>,
  ): ScaleDecision {
    const { demand, clock } = this.#options;
    const now = clock.now();
    const facts = { load, complete: demand.isComplete(now) };
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
    const { vmId, stage, binding, suspect = false } = vm;
    if (binding === undefined || (stage !== 'binding' && stage !== 'bound')) return [];
    const { pools, tokens } = this.#options;
    const pooled = pools.revisionOf(vm.pool);
    const currentCode = revision === undefined || revision === binding.revision;
    const currentKey = binding.tokenKey === tokens.keyId;
    const currentImage = currentKey && isCurrent(vm, pooled ?? vm.poolRevision);
    return [{ vmId, stage, currentCode, currentImage, boundAt: binding.boundAt, suspect }];
  }
}

/** Nothing is wrong with what is pending: it waits. */
function refusalOf({ reason, detail, pending = false }: Blocked): Refusal {
  return { reason, detail, final: !pending };
}

function unknown(id: string): Refusal {
  return { reason: 'ApplicationUnknown', detail: `no Function of ${id}`, final: false };
}
