import { Counter, Gauge, Histogram, Registry } from '@prometheus-io/client';
import type { Outcome } from '../runtime/controller.ts';
import type { BindOutcome } from './bind/binder.ts';
import type { EndpointPublisher } from './stream/endpoint-publisher.ts';
import type { Refusal } from './vms/adopt.ts';
import type { Fleet } from './vms/fleet.ts';

const BIND_BUCKETS = [0.002, 0.004, 0.006, 0.008, 0.012, 0.025, 0.05, 0.1, 0.25, 1, 5];

/** A bind that succeeded, for people and for measurements. */
export interface RecentBind {
  readonly application: string;
  readonly vm: string;
  readonly vmId: string;
  /** Milliseconds since the epoch. */
  readonly boundAt: number;
  readonly phases: Readonly<Record<string, number>>;
}

const KEPT_BINDS = 1_000;

export interface OperatorMetrics {
  readonly registry: Registry;
  /** The last thousand, oldest first. */
  readonly recentBinds: readonly RecentBind[];
  readonly reconciled: (controller: string, outcome: Outcome, seconds: number) => void;
  readonly bound: (outcome: BindOutcome) => void;
  readonly bindingRefused: (reason: Refusal) => void;
}

export function createMetrics(fleet: Fleet, publisher: EndpointPublisher): OperatorMetrics {
  const registry = new Registry();
  const registers = [registry];
  const reconciles = new Histogram({
    name: 'osv_faas_reconcile_seconds',
    help: 'Time of one pass of a controller, by its outcome.',
    labelNames: ['controller', 'outcome'],
    buckets: [0.001, 0.005, 0.025, 0.1, 0.5, 2.5, 10],
    registers,
  });
  const binds = new Counter({
    name: 'osv_faas_binds_total',
    help: 'Binds by their end: bound, rejected (its code did not load), failed (this VM) or refused (any VM).',
    labelNames: ['outcome', 'reason'],
    registers,
  });
  const bindPhases = new Histogram({
    name: 'osv_faas_bind_seconds',
    help: 'Phases of a bind: the whole request, and receive, write and load inside the agent.',
    labelNames: ['phase'],
    buckets: BIND_BUCKETS,
    registers,
  });
  const refusedBindings = new Counter({
    name: 'osv_faas_bindings_refused_total',
    help: 'VMs that were deleted because what they said of their binding does not fit what the operator wrote.',
    labelNames: ['reason'],
    registers,
  });
  addGauges(registry, fleet, publisher);
  const recentBinds: RecentBind[] = [];
  return {
    registry,
    recentBinds,
    reconciled: (controller, outcome, seconds) => {
      reconciles.observe({ controller, outcome }, seconds);
    },
    bindingRefused: (reason) => {
      refusedBindings.inc({ reason });
    },
    bound: (outcome) => {
      const reason = outcome.kind === 'bound' ? '' : outcome.reason;
      binds.inc({ outcome: outcome.kind, reason });
      if (outcome.kind !== 'bound') return;
      const { key, vmId, binding } = outcome.vm;
      const { application = '', boundAt = 0 } = binding ?? {};
      recentBinds.push({ application, vm: key, vmId, boundAt, phases: outcome.phases });
      if (recentBinds.length > KEPT_BINDS) recentBinds.shift();
      for (const [phase, ms] of Object.entries(outcome.phases)) {
        bindPhases.observe({ phase }, ms / 1000);
      }
    },
  };
}

function addGauges(registry: Registry, fleet: Fleet, publisher: EndpointPublisher): void {
  const registers = [registry];
  new Gauge({
    name: 'osv_faas_vms',
    help: 'VMs by pool and stage.',
    labelNames: ['pool', 'stage'],
    registers,
    collect() {
      this.reset();
      for (const vm of fleet.all()) this.inc({ pool: vm.pool, stage: vm.stage });
    },
  });
  new Gauge({
    name: 'osv_faas_gateways',
    help: 'Gateways whose stream is up.',
    registers,
    collect() {
      this.set(publisher.gateways);
    },
  });
}
