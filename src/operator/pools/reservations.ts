import { FIELD_MANAGER, LABELS } from '../../api/group.ts';
import type { Vmi } from '../../api/kubevirt.ts';
import { OSVPOOLS, type OsvPool } from '../../api/types.ts';
import { held, QUIET_MS, reserve, type ReservableVm } from '../../domain/pool/reserve.ts';
import type { Clock } from '../../runtime/clock.ts';
import type { Result } from '../../runtime/controller.ts';
import type { Informer, KubeClient } from '../../runtime/kube.ts';
import { hasFinalizer } from '../finalizer.ts';
import type { Fleet } from '../vms/fleet.ts';
import type { Vm } from '../vms/vm.ts';

export interface ReservationsOptions {
  readonly client: KubeClient;
  readonly pools: Informer<OsvPool>;
  readonly vmis: Informer<Vmi>;
  readonly fleet: Fleet;
  /** A pool's VMs in the order in which binds take them. */
  readonly ranked: (pool: string) => readonly Vm[];
  /** VMs that the applications of a pool wait for. */
  readonly waiting: (pool: string) => number;
  /** More VMs of the pool may be bound. */
  readonly granted: (pool: string) => void;
  readonly clock: Clock;
}

interface Reservation {
  /** The list in the pool's status; undefined before there is one, and while the end of a write is not known. */
  listed: ReadonlySet<string> | undefined;
  /** What the list holds whatever became of a write: these may be bound. */
  usable: ReadonlySet<string>;
  /** When VMs were bound, in the last minute. */
  binds: number[];
}

const NONE: ReadonlySet<string> = new Set();

/**
 * The durable list of VMs that may be given code, one for each pool, written ahead of binds and
 * never on their path (docs/adr/0029).
 */
export class Reservations {
  readonly #options: ReservationsOptions;
  readonly #pools = new Map<string, Reservation>();
  /** As the lists were when this operator began; undefined until they are known. */
  #found: Map<string, ReadonlySet<string>> | undefined;
  #ended = false;

  constructor(options: ReservationsOptions) {
    this.#options = options;
    options.fleet.on((vm, before) => {
      if (vm?.stage === 'binding' && before?.stage === 'generic') this.#bound(vm.pool);
    });
  }

  /** Takes over what an operator before this one has written; the caches are filled. */
  begin(): void {
    const { pools, fleet } = this.#options;
    const found = new Map<string, ReadonlySet<string>>();
    for (const pool of pools.list()) {
      const key = `${pool.metadata.namespace}/${pool.metadata.name}`;
      const list = pool.status?.reserved;
      // Without a list any VM may have been given code.
      const names = list ?? fleet.ofPool(key).map((vm) => vm.name);
      found.set(key, new Set(names));
      this.#pools.set(key, { listed: list && new Set(list), usable: NONE, binds: [] });
    }
    this.#found = found;
  }

  /** Whether an operator before this one may have given it code; undefined while that is not known. */
  mayHoldCode(vm: Vm): boolean | undefined {
    return this.#found && (this.#found.get(vm.pool)?.has(vm.name) ?? false);
  }

  /** Whether it may be bound: should this operator be killed, the next one knows that it may have code. */
  isReserved(vm: Vm): boolean {
    return this.#pools.get(vm.pool)?.usable.has(vm.name) ?? false;
  }

  /** VMs that applications wait for and that no generic VM will give once it is listed. */
  missing(pool: string): number {
    const { waiting, fleet } = this.#options;
    const free = fleet.ofPool(pool).filter((vm) => vm.stage === 'generic' && !this.isReserved(vm));
    return Math.max(0, waiting(pool) - free.length);
  }

  readonly reconcile = async (key: string): Promise<Result> => {
    const pool = this.#options.pools.get(key);
    if (pool === undefined) {
      this.#pools.delete(key);
      this.#found?.delete(key);
      return {};
    }
    // Its finalizer comes first, and each write in between would be a conflict for it.
    if (this.#ended || !hasFinalizer(pool)) return {};
    const own = this.#of(key);
    const now = this.#options.clock.now();
    own.binds = own.binds.filter((at) => now - at < QUIET_MS);
    const names = reserve({
      vms: this.#vmsOf(key),
      reserved: own.listed,
      recentBinds: own.binds.length,
      waiting: this.#options.waiting(key),
    });
    if (names !== undefined) await this.#write(key, own, names);
    const last = own.binds.at(-1);
    return last === undefined ? {} : { requeueAfterMs: last + QUIET_MS - now };
  };

  /** Nothing is bound any more: what was not bound goes free, so that the next operator finds it generic. */
  async end(): Promise<void> {
    this.#ended = true;
    const writes = [...this.#pools].map(async ([key, own]) => {
      await this.#write(key, own, held(this.#vmsOf(key), own.listed));
    });
    await Promise.allSettled(writes);
  }

  async #write(key: string, own: Reservation, names: readonly string[]): Promise<void> {
    const { client, granted } = this.#options;
    const next = new Set(names);
    const [namespace = '', name = ''] = key.split('/');
    // Until the answer comes the list may be the old one or the new one.
    own.usable = new Set([...own.usable].filter((one) => next.has(one)));
    own.listed = undefined;
    const options = { type: 'merge', subresource: 'status', fieldManager: FIELD_MANAGER } as const;
    const patch = { status: { reserved: [...next].toSorted() } };
    await client.patch({ resource: OSVPOOLS, name, namespace }, patch, options);
    own.listed = next;
    if (this.#ended) return;
    own.usable = next;
    granted(key);
  }

  #vmsOf(key: string): ReservableVm[] {
    const { ranked, vmis } = this.#options;
    return ranked(key).map((vm) => {
      const labels = vmis.get(vm.key)?.metadata.labels;
      return {
        name: vm.name,
        stage: this.#stageOf(vm),
        labelled: labels?.[LABELS.state] !== undefined,
      };
    });
  }

  /** Also one that is deleted may have code, until it is gone. */
  #stageOf(vm: Vm): ReservableVm['stage'] {
    if (vm.stage === 'generic') return 'generic';
    return vm.stage === 'starting' && this.mayHoldCode(vm) === false ? 'starting' : 'taken';
  }

  #bound(pool: string): void {
    this.#of(pool).binds.push(this.#options.clock.now());
  }

  #of(key: string): Reservation {
    const own = this.#pools.get(key) ?? { listed: undefined, usable: NONE, binds: [] };
    this.#pools.set(key, own);
    return own;
  }
}
