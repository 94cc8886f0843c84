import type { OsvPool } from '../../api/types.ts';
import { poolRevision } from '../../domain/vmi/revision.ts';
import type { Informer } from '../../runtime/kube.ts';
import type { Fleet } from '../vms/fleet.ts';
import type { Vm } from '../vms/vm.ts';

/** The pools, as scaling sees them. */
export interface Pools {
  /** Generic VMs that may be bound, those of the current revision first, the oldest of each first. */
  genericVms(pool: string): readonly Vm[];
  /** Undefined while the pool is unknown. */
  revisionOf(pool: string): string | undefined;
  /** More or fewer VMs of the pool are waited for. */
  wanted(pool: string): void;
}

export function createPools(
  fleet: Fleet,
  informer: Informer<OsvPool>,
  wanted: (pool: string) => void,
): Pools {
  const revisions = new WeakMap<OsvPool, string>();
  const revisionOf = (key: string): string | undefined => {
    const pool = informer.get(key);
    if (pool === undefined) return undefined;
    const revision = revisions.get(pool) ?? poolRevision(pool.spec);
    revisions.set(pool, revision);
    return revision;
  };
  return {
    revisionOf,
    wanted,
    genericVms: (key) => {
      const current = revisionOf(key);
      const rank = (vm: Vm): number => (vm.poolRevision === current ? 0 : 1);
      return fleet
        .ofPool(key)
        .filter((vm) => vm.stage === 'generic')
        .toSorted((a, b) => rank(a) - rank(b) || a.since - b.since);
    },
  };
}
