import type { Endpoint } from '../../api/gateway-protocol.ts';
import {
  decideScale,
  type ApplicationVm,
  type ScaleDecision,
} from '../../domain/scaling/decide.ts';
import type { Window } from '../../domain/scaling/window.ts';
import type { Clock } from '../../runtime/clock.ts';
import type { Logger } from '../../runtime/log.ts';
import type { ApplicationRecord, ApplicationRegistry } from '../applications/registry.ts';
import type { BindOutcome, Binder } from '../bind/binder.ts';
import type { DemandBook } from '../stream/demand-book.ts';
import type { Hub } from '../stream/hub.ts';
import type { Fleet } from '../vms/fleet.ts';
import type { Vm } from '../vms/vm.ts';
import type { Drainer } from './drainer.ts';
import type { Pools } from './pools.ts';

export interface ScalerOptions {
  readonly registry: ApplicationRegistry;
  readonly fleet: Fleet;
  readonly demand: DemandBook;
  readonly hub: Hub;
  readonly binder: Binder;
  readonly drainer: Drainer;
  readonly pools: Pools;
  readonly clock: Clock;
  readonly log: Logger;
  /** How a bind ended, for metrics. */
  readonly observeBind: (outcome: BindOutcome) => void;
}

/** Pause after binds that failed in a row, so that a broken image does not burn the pool. */
const RETRY_MS = 250;

/**
 * Gives every application the VMs that its demand asks for. Decides at once when
 * something changes (demand, a VM, a Function) and again when a decision says so.
 */
export class Scaler {
  readonly #options: ScalerOptions;
  readonly #windows = new Map<string, Window>();
  readonly #timers = new Map<string, () => void>();
  /** VMs that an application should have and no generic VM could give. */
  readonly #unmet = new Map<string, number>();
  readonly #pausedUntil = new Map<string, number>();
  readonly #touched = new Set<string>();
  #started = false;

  constructor(options: ScalerOptions) {
    this.#options = options;
  }

  /** VMs that the applications of a pool wait for. */
  unmetOf(pool: string): number {
    let sum = 0;
    for (const [id, count] of this.#unmet) {
      if (this.#options.registry.get(id)?.pool === pool) sum += count;
    }
    return sum;
  }

  unmet(id: string): number {
    return this.#unmet.get(id) ?? 0;
  }

  /** A generic VM has come: whoever waits longest goes first. */
  serveWaiting(pool: string): void {
    const { registry, demand } = this.#options;
    const waiting = [...this.#unmet.keys()]
      .filter((id) => registry.get(id)?.pool === pool)
      .map((id) => ({ id, oldest: demand.loadOf(id).oldestWaitMs }))
      .toSorted((a, b) => b.oldest - a.oldest);
    for (const { id } of waiting) this.touch(id);
  }

  /** Decide on this application as soon as what is going on now has ended; many touches become one. */
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
    this.#flush();
  }

  #flush(): void {
    const ids = [...this.#touched];
    this.#touched.clear();
    for (const id of ids) this.#evaluate(id);
  }

  #evaluate(id: string): void {
    const { registry, hub } = this.#options;
    const record = registry.get(id);
    if (record === undefined) {
      this.#forget(id);
      this.#orphaned(id);
      return;
    }
    if (record.blocked !== undefined) {
      this.#setUnmet(record, 0);
      hub.refuse(id, { ...record.blocked, final: true });
      return;
    }
    const decision = this.#decide(record);
    this.#windows.set(id, decision.window);
    this.#schedule(id, decision.againAfterMs);
    this.#act(record, decision);
  }

  /** Ends all timers. */
  stop(): void {
    for (const cancel of this.#timers.values()) cancel();
    this.#timers.clear();
  }

  /** No Function of the application can be served. */
  #orphaned(id: string): void {
    const { registry, hub, fleet, demand } = this.#options;
    const vms = fleet.ofApplication(id);
    const blocked = registry.blockedBy(id);
    if (blocked === undefined || blocked.evict === true) {
      for (const vm of vms) {
        fleet.move(vm.key, ['bound', 'draining'], 'deleting', { reason: 'ApplicationGone' });
      }
    } else if (vms.length > 0) return;
    if (demand.loadOf(id).waiting === 0) return;
    const { reason, detail } = blocked ?? {
      reason: 'ApplicationUnknown',
      detail: `no Function of ${id}`,
    };
    hub.refuse(id, { reason, detail, final: blocked !== undefined });
  }

  #decide(record: ApplicationRecord): ScaleDecision {
    const { demand, clock, fleet } = this.#options;
    const now = clock.now();
    return decideScale({
      now,
      settings: record.settings,
      load: demand.loadOf(record.id),
      complete: demand.isComplete(now),
      vms: fleet.ofApplication(record.id).flatMap((vm) => this.#applicationVm(vm, record)),
      window: this.#windows.get(record.id),
    });
  }

  #applicationVm(vm: Vm, record: ApplicationRecord): ApplicationVm[] {
    if (vm.binding === undefined || (vm.stage !== 'binding' && vm.stage !== 'bound')) return [];
    const { revision, boundAt } = vm.binding;
    const pooled = this.#options.pools.revisionOf(vm.pool);
    const current = revision === record.bundle.revision;
    const fresh = pooled === undefined || pooled === vm.poolRevision;
    return [{ vmId: vm.vmId, stage: vm.stage, current, fresh, boundAt }];
  }

  #act(record: ApplicationRecord, decision: ScaleDecision): void {
    const { fleet, drainer, clock } = this.#options;
    for (const vmId of decision.drain) {
      const vm = fleet.byVmId(vmId);
      if (vm !== undefined) drainer.drain(vm);
    }
    const paused = (this.#pausedUntil.get(record.id) ?? 0) > clock.now();
    const generics = paused ? [] : this.#genericVms(record.pool, decision);
    this.#setUnmet(record, decision.bind + decision.renew - generics.length);
    for (const vm of generics) void this.#bind(record, vm);
  }

  #genericVms(pool: string, { bind, renew }: ScaleDecision): readonly Vm[] {
    const { pools } = this.#options;
    const generics = pools.genericVms(pool);
    const revision = pools.revisionOf(pool);
    const fresh = generics.slice(bind).filter((vm) => vm.poolRevision === revision);
    return [...generics.slice(0, bind), ...fresh.slice(0, renew)];
  }

  async #bind(record: ApplicationRecord, vm: Vm): Promise<void> {
    const { binder, log, observeBind } = this.#options;
    try {
      const outcome = await binder.bind(vm, record.bundle);
      observeBind(outcome);
      this.#finish(record, outcome);
    } catch (error) {
      log.error('bind failed unexpectedly', { vm: vm.key, error });
    }
  }

  #finish(record: ApplicationRecord, outcome: BindOutcome): void {
    const { registry, hub, clock } = this.#options;
    const { id, bundle } = record;
    if (outcome.kind === 'bound') {
      this.#pausedUntil.delete(id);
      this.#serve(record, outcome.vm, outcome.phases);
      return;
    }
    const { reason, detail } = outcome;
    if (outcome.kind === 'refused') {
      registry.refuse(id, bundle.revision, { reason, detail });
      return;
    }
    hub.refuse(id, { reason: 'BindFailed', detail: `${reason}: ${detail}`, final: false });
    this.#pausedUntil.set(id, clock.now() + RETRY_MS);
    this.#schedule(id, RETRY_MS);
  }

  /** A new revision that does not load never replaces one that does: its VM goes unpublished. */
  #serve(record: ApplicationRecord, vm: Vm, phases: Readonly<Record<string, number>>): void {
    const { registry, hub, fleet, log } = this.#options;
    const { id, bundle } = record;
    const loads = vm.binding?.functions ?? [];
    const broken = loads.find((load) => load.state === 'failed');
    if (broken === undefined) registry.confirm(id, bundle.revision);
    else if (registry.reject(id, bundle.revision, loads)) {
      const { name, reason, detail } = broken;
      log.warn('new revision rejected', { application: id, function: name, reason, detail });
      fleet.move(vm.key, ['bound'], 'deleting', { reason: 'RevisionRejected' });
      return;
    }
    const endpoint = endpointOf(vm);
    if (endpoint === undefined) return;
    hub.publish(id, endpoint);
    hub.tellBound(id, vm.vmId, phases);
  }

  #setUnmet(record: ApplicationRecord, count: number): void {
    const before = this.#unmet.get(record.id) ?? 0;
    if (count > 0) this.#unmet.set(record.id, count);
    else this.#unmet.delete(record.id);
    if (before !== count) this.#options.pools.wanted(record.pool);
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
    this.#windows.delete(id);
    this.#unmet.delete(id);
    this.#pausedUntil.delete(id);
  }
}

/** What gateways need to know of a bound VM. */
export function endpointOf(vm: Vm): Endpoint | undefined {
  const { binding, address, vmId } = vm;
  if (binding === undefined || address === undefined) return undefined;
  return { vmId, address, slots: binding.slots, boundAt: binding.boundAt };
}
