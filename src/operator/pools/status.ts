import { transition, type Statement } from '../../api/conditions.ts';
import { LABELS } from '../../api/group.ts';
import type { OsvPool, OsvPoolStatus } from '../../api/types.ts';
import type { PoolPlan } from '../../domain/pool/plan.ts';
import { bytesOf, nodeBytesOf } from '../../domain/quantity.ts';
import { isTaken, type Vm } from '../vms/vm.ts';

export interface PoolStatusFacts {
  readonly pool: OsvPool;
  readonly revision: string;
  readonly vms: readonly Vm[];
  readonly plan: PoolPlan;
  /** Why the API server takes no VMIs. */
  readonly createError: string | undefined;
  readonly now: number;
}

export function poolStatus(facts: PoolStatusFacts): OsvPoolStatus {
  const { pool, revision, now } = facts;
  const { name, generation = 0 } = pool.metadata;
  const { machine } = pool.spec;
  const live = facts.vms.filter((vm) => vm.stage !== 'deleting');
  const count = (of: (vm: Vm) => boolean): number => live.filter(of).length;
  return {
    observedGeneration: generation,
    conditions: transition(pool.status?.conditions ?? [], statements(facts), generation, now),
    replicas: live.length,
    starting: count((vm) => vm.stage === 'starting'),
    generic: count((vm) => vm.stage === 'generic'),
    bound: count((vm) => vm.stage === 'binding' || vm.stage === 'bound'),
    draining: count((vm) => vm.stage === 'draining'),
    updatedReplicas: count((vm) => vm.stage === 'generic' && vm.poolRevision === revision),
    poolRevision: revision,
    guestMemoryBytes: live.length * bytesOf(machine.memory),
    nodeMemoryBytes: live.length * nodeBytesOf(machine),
    selector: `${LABELS.pool}=${name}`,
  };
}

function statements(facts: PoolStatusFacts): Statement[] {
  return [ready(facts), progressing(facts), schedulable(facts), supported(facts.pool)];
}

function ready({ pool, vms }: PoolStatusFacts): Statement {
  const type = 'Ready';
  const generic = vms.filter((vm) => vm.stage === 'generic').length;
  if (generic > 0 || pool.spec.warm.min === 0 || vms.some(isTaken)) {
    return { type, status: 'True', reason: 'Warm', message: `${generic} VMs wait` };
  }
  return { type, status: 'False', reason: 'Warming', message: 'no VM has come up yet' };
}

function progressing({ plan, vms, revision, createError }: PoolStatusFacts): Statement {
  const type = 'Progressing';
  if (createError !== undefined) {
    return { type, status: 'False', reason: 'CreateRefused', message: createError };
  }
  if (plan.hold === 'MaxVms') {
    const message = 'spec.maxVms is reached: no further VMs are started';
    return { type, status: 'False', reason: 'MaxVms', message };
  }
  if (plan.hold === 'Unschedulable') {
    const message = 'no further VMs are started while one finds no node';
    return { type, status: 'False', reason: 'Unschedulable', message };
  }
  const generic = vms.filter((vm) => vm.stage === 'generic');
  if (generic.some((vm) => vm.poolRevision !== revision)) {
    const message = 'VMs of an older revision are being replaced';
    return { type, status: 'True', reason: 'RollingOut', message };
  }
  if (generic.length < plan.target) {
    const message = 'VMs are being started';
    return { type, status: 'True', reason: 'Refilling', message };
  }
  const message = 'as many VMs wait as should';
  return { type, status: 'False', reason: 'Settled', message };
}

function schedulable({ vms }: PoolStatusFacts): Statement {
  const type = 'Schedulable';
  const stuck = vms.filter((vm) => vm.stage === 'starting' && vm.unschedulable !== undefined);
  if (stuck.length === 0) {
    return { type, status: 'True', reason: 'Scheduled', message: 'every VM found a node' };
  }
  const message = `${stuck.length} VMs wait for a node: ${stuck[0]?.unschedulable ?? ''}`;
  return { type, status: 'False', reason: 'Unschedulable', message };
}

/** Fields that this version stores and does not act on. */
function supported({ spec }: OsvPool): Statement {
  const type = 'SpecSupported';
  if (spec.prices === undefined) {
    return { type, status: 'True', reason: 'Supported', message: 'every field is acted on' };
  }
  const message = 'stored, but not acted on by this version: spec.prices';
  return { type, status: 'False', reason: 'NotYetActedOn', message };
}
