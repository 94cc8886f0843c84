import type { Endpoint } from '../../api/gateway-protocol.ts';
import type { Backlog } from '../../domain/scaling/backlog.ts';
import { chosen } from '../../domain/scaling/choose.ts';
import { Pauses } from '../../domain/scaling/pauses.ts';
import type { Clock } from '../../runtime/clock.ts';
import type { Logger } from '../../runtime/log.ts';
import type { ApplicationRecord, ApplicationRegistry } from '../applications/registry.ts';
import type { BindOutcome, Binder } from '../bind/binder.ts';
import type { Bundle } from '../bind/bundle.ts';
import type { Teller } from '../events/teller.ts';
import type { EndpointPublisher } from '../stream/endpoint-publisher.ts';
import type { Fleet } from '../vms/fleet.ts';
import type { Vm } from '../vms/vm.ts';
import type { Pools } from './pools.ts';
import { Revisions } from './revisions.ts';

export interface AssignerOptions {
  readonly registry: ApplicationRegistry;
  readonly fleet: Fleet;
  readonly publisher: EndpointPublisher;
  readonly binder: Binder;
  readonly pools: Pools;
  readonly teller: Pick<Teller, 'application'>;
  readonly clock: Clock;
  readonly log: Logger;
  /** How a bind ended, for metrics. */
  readonly observeBind: (outcome: BindOutcome) => void;
}

/** A VM that ends by its own fault within this time was of no use to its application. */
const SOON_MS = 10_000;
/** From so many losses in a row on the application's Functions are not ready. */
const TROUBLE = 3;
const OWN_FAULT: ReadonlySet<string | undefined> = new Set(['Broken', 'GuestEnded', 'NoAnswer']);

/** Gives generic VMs to applications, and tells gateways of those that serve. */
export class Assigner {
  readonly #options: AssignerOptions;
  readonly #backlog: Backlog;
  readonly #again: (id: string, afterMs: number) => void;
  readonly #revisions: Revisions;
  readonly #pauses = new Pauses();
  /** VMs whose bind has not ended, by application. */
  readonly #underWay = new Map<string, number>();

  /** @param again the application is to be looked at again after this time */
  constructor(
    options: AssignerOptions,
    backlog: Backlog,
    again: (id: string, afterMs: number) => void,
  ) {
    this.#options = options;
    this.#revisions = new Revisions(options);
    this.#backlog = backlog;
    this.#again = again;
    options.fleet.on((vm, before) => {
      if (vm !== undefined && before !== undefined) this.#ended(vm, before);
    });
  }

  /** Binds what there is; the rest is the pool's to make. */
  assign(
    record: ApplicationRecord,
    wants: { readonly bind: number; readonly renew: number },
  ): void {
    const { pools, clock } = this.#options;
    const { id, pool } = record;
    const room = Math.max(0, this.#pauses.limit(id, clock.now()) - (this.#underWay.get(id) ?? 0));
    const vms = chosen(pools.genericVms(pool), pools.revisionOf(pool), wants).slice(0, room);
    // What it may not have yet, the pool need not make.
    const missing = Math.min(wants.bind + wants.renew, room) - vms.length;
    if (this.#backlog.set(id, pool, missing)) pools.backlogChanged(pool);
    for (const vm of vms) void this.#bind(record, vm);
  }

  forget(id: string): void {
    this.#pauses.end(id);
    const pool = this.#backlog.drop(id);
    if (pool !== undefined) this.#options.pools.backlogChanged(pool);
  }

  #count(id: string, change: number): void {
    const count = (this.#underWay.get(id) ?? 0) + change;
    if (count === 0) this.#underWay.delete(id);
    else this.#underWay.set(id, count);
  }

  #ended(vm: Vm, before: Vm): void {
    const { binding, stage } = before;
    if (stage !== 'bound' || vm.stage !== 'deleting' || binding === undefined) return;
    const { clock, registry } = this.#options;
    const soon = clock.now() - binding.boundAt < SOON_MS;
    const known = registry.get(binding.application) !== undefined;
    if (known && soon && OWN_FAULT.has(vm.reason))
      this.#pause(binding.application, vm.reason ?? '');
  }

  /** Nothing is bound for the application at this moment, since its VMs are lost. */
  isPaused(id: string): boolean {
    return this.#pauses.limit(id, this.#options.clock.now()) === 0;
  }

  #pause(id: string, why: string): void {
    const { clock, registry } = this.#options;
    this.#again(id, this.#pauses.fail(id, clock.now()));
    const losses = this.#pauses.failures(id, clock.now());
    const bundle = registry.get(id)?.bundle;
    if (losses >= TROUBLE && bundle !== undefined) {
      registry.worry(id, bundle.revision, {
        reason: 'BindFailing',
        detail: troubleOf(bundle, why),
      });
    }
  }

  async #bind(record: ApplicationRecord, vm: Vm): Promise<void> {
    const { binder, fleet, publisher, log, observeBind } = this.#options;
    this.#count(record.id, 1);
    try {
      const outcome = await binder.bind(vm, record.bundle, (loads) =>
        this.#revisions.takes(record, loads),
      );
      this.#finish(record, outcome);
      observeBind(outcome);
    } catch (error) {
      log.error('bind failed unexpectedly', { vm: vm.key, error });
    } finally {
      this.#count(record.id, -1);
      // Whatever happened: a VM that no gateway knows must not be counted as one that serves.
      const isOurs = fleet.get(vm.key)?.binding?.application === record.id;
      if (isOurs && !publisher.publishes(record.id, vm.vmId)) {
        fleet.move(vm.key, ['binding', 'bound'], 'deleting', { reason: 'BindFailed' });
      }
    }
  }

  #finish(record: ApplicationRecord, outcome: BindOutcome): void {
    const { registry, publisher, teller, clock } = this.#options;
    const { id, bundle } = record;
    if (outcome.kind === 'bound') {
      if (this.#pauses.succeed(id, clock.now())) this.#again(id, 0);
      this.#serve(record, outcome.vm, outcome.phases);
      return;
    }
    // The revision before goes on serving.
    if (outcome.kind === 'rejected') return;
    const { reason, detail } = outcome;
    if (outcome.kind === 'refused') {
      registry.refuse(id, bundle.revision, { reason, detail });
      teller.application(id, 'BindRefused', `${reason}: ${detail}`);
      return;
    }
    teller.application(id, 'BindFailed', `${reason}: ${detail}`);
    publisher.refuse(id, { reason: 'BindFailed', detail: `${reason}: ${detail}`, final: false });
    this.#pause(id, `${reason}: ${detail}`);
  }

  #serve({ id }: ApplicationRecord, vm: Vm, phases: Readonly<Record<string, number>>): void {
    const { publisher } = this.#options;
    const endpoint = endpointOf(vm);
    if (endpoint === undefined) return;
    publisher.publish(id, endpoint);
    publisher.tellBound(id, vm.vmId, phases);
  }
}

/** The same for each loss: a condition is no counter. */
function troubleOf(bundle: Bundle, why: string): string {
  const mib = (bundle.payload.length / 2 ** 20).toFixed(1);
  const size = `its files have ${mib} MiB, which a VM holds in its memory`;
  return `VMs are lost when they are given its code, or soon after (${why}); ${size}; one is tried now and then`;
}

/** What gateways need to know of a bound VM; undefined while nobody knows where it is. */
export function endpointOf(vm: Vm): Endpoint | undefined {
  const { binding, address, movedTo, vmId } = vm;
  if (binding === undefined || address === undefined || movedTo !== undefined) return undefined;
  const { slots, boundAt, tokenKey } = binding;
  const names = binding.functions.map(({ name }) => name);
  const functions = names.length === 0 ? undefined : names;
  return { vmId, address, slots, boundAt, tokenKey, ...(functions && { functions }) };
}
