import type { Vmi } from '../../api/kubevirt.ts';
import type { OsvPool } from '../../api/types.ts';
import type { Informer, KubeClient } from '../../runtime/kube.ts';
import { Binder, type BinderOptions } from '../bind/binder.ts';
import { Reservations } from '../pools/reservations.ts';
import { Evacuator, type EvacuatorOptions } from '../vms/evacuator.ts';
import { Drainer, type DrainerOptions } from './drainer.ts';
import { createPools } from './pools.ts';
import { Scaler, type ScalerOptions } from './scaler.ts';

type Given = BinderOptions &
  DrainerOptions &
  EvacuatorOptions &
  Omit<ScalerOptions, 'binder' | 'drainer' | 'pools'>;

export interface ScalingOptions extends Given {
  readonly client: KubeClient;
  readonly pools: Informer<OsvPool>;
  readonly vmis: Informer<Vmi>;
  /** More or fewer VMs of the pool are waited for. */
  readonly backlogChanged: (pool: string) => void;
}

export interface Scaling {
  readonly scaler: Scaler;
  readonly reservations: Reservations;
}

/** What decides which VM goes to which application, and what it needs for that. */
export function createScaling(options: ScalingOptions): Scaling {
  const pools = createPools(options.fleet, options.pools, {
    backlogChanged: options.backlogChanged,
    isReserved: (vm) => reservations.isReserved(vm),
  });
  const scaler = new Scaler({
    ...options,
    pools,
    binder: new Binder(options),
    drainer: new Drainer(options),
  });
  new Evacuator(options);
  const reservations = new Reservations({
    ...options,
    ranked: (pool) => pools.ranked(pool),
    waiting: (pool) => scaler.backlog.ofPool(pool),
    granted: (pool) => {
      scaler.serveWaiting(pool);
    },
  });
  return { scaler, reservations };
}
