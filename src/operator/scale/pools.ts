import type { OsvPool } from '../../api/types.ts';
import { poolRevision } from '../../domain/vmi/revision.ts';
import type { Informer } from '../../runtime/kube.ts';
import type { Fleet } from '../vms/fleet.ts';
import type { Vm } from '../vms/vm.ts';

/** The pools, as scaling sees them. */
export interface Pools {
  /** Generic VMs that may be bound, in the order of {@link ranked}. */
  genericVms(pool: string): readonly Vm[];
  /** All VMs, those of the current revision first, the oldest of each first. */
  ranked(pool: string): readonly Vm[];
  /** Undefined while the pool is unknown. */
  revisionOf(pool: string): string | undefined;
  /** More or fewer VMs of the pool are waited for. */
  wanted(pool: string): void;
}

export interface PoolsOptions {
  /** More or fewer VMs of the pool are waited for. */
  readonly wanted: (pool: string) => void;
  /** Whether the VM may be bound. */
  readonly isReserved: (vm: Vm) => boolean;
}

export function createPools(
  fleet: Fleet,
  informer: Informer<OsvPool>,
  { wanted, isReserved }: PoolsOptions,
): Pools {
  const revisions = new WeakMap<OsvPool, string>();
  const revisionOf = (key: string): string | undefined => {
    const pool = informer.get(key);
    if (pool === undefined) return undefined;
    const revision = revisions.get(pool) ?? poolRevision(pool.spec);
    revisions.set(pool, revision);
    return revision;
  };
  const rank = (key: string, vms: readonly Vm[]): readonly Vm[] => {
    const current = revisionOf(key);
    const age = (vm: Vm): number => (vm.poolRevision === current ? 0 : 1);
    return vms.toSorted((a, b) => age(a) - age(b) || a.since - b.since);
  };
  return {
    revisionOf,
    wanted,
    ranked: (key) => rank(key, fleet.ofPool(key)),
    genericVms: (key) => {
      const generic = fleet.ofPool(key).filter((vm) => vm.stage === 'generic');
      return rank(key, generic.filter(isReserved));
    },
  };
}
