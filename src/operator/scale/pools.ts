import type { OsvPool } from '../../api/types.ts';
import { ranked } from '../../domain/scaling/choose.ts';
import { poolRevision } from '../../domain/vmi/revision.ts';
import type { Informer } from '../../runtime/kube.ts';
import type { Fleet } from '../vms/fleet.ts';
import type { Vm } from '../vms/vm.ts';

/** The pools, as scaling sees them. */
export interface Pools {
  /** Generic VMs that may be bound. */
  genericVms(pool: string): readonly Vm[];
  /** All VMs, in the order in which they are to be bound. */
  ranked(pool: string): readonly Vm[];
  /** Undefined while the pool is unknown. */
  revisionOf(pool: string): string | undefined;
  /** More or fewer VMs of the pool are waited for. */
  backlogChanged(pool: string): void;
}

export interface PoolsOptions {
  /** More or fewer VMs of the pool are waited for. */
  readonly backlogChanged: (pool: string) => void;
  /** Whether the VM may be bound. */
  readonly isReserved: (vm: Vm) => boolean;
}

export function createPools(
  fleet: Fleet,
  informer: Informer<OsvPool>,
  { backlogChanged, isReserved }: PoolsOptions,
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
    backlogChanged,
    ranked: (key) => ranked(fleet.ofPool(key), revisionOf(key)),
    genericVms: (key) =>
      fleet
        .ofPool(key)
        .filter((vm) => vm.stage === 'generic' && vm.movedTo === undefined && isReserved(vm)),
  };
}
