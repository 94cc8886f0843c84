import { transition, type Statement } from '../../api/conditions.ts';
import { LABELS } from '../../api/group.ts';
import type { OsvPool, OsvPoolStatus } from '../../api/types.ts';
import { notStartedBy, type Complaint } from '../../domain/pool/ailment.ts';
import type { PoolPlan } from '../../domain/pool/plan.ts';
import { bytesOf, nodeBytesOf } from '../../domain/quantity.ts';
import { isCurrent } from '../../domain/scaling/choose.ts';
import { redact } from '../../domain/redact.ts';
import { POOL_CONDITIONS, statementsOf } from '../conditions.ts';
import { isTaken, type Vm } from '../vms/vm.ts';

const state = statementsOf(POOL_CONDITIONS);

export interface PoolStatusFacts {
  readonly pool: OsvPool;
  readonly revision: string;
  readonly vms: readonly Vm[];
  readonly plan: PoolPlan;
  /** Why the API server takes no VMIs. */
  readonly createError: string | undefined;
  /** What ails its guests. */
  readonly complaint: Complaint | undefined;
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
    updatedReplicas: count((vm) => vm.stage === 'generic' && isCurrent(vm, revision)),
    poolRevision: revision,
    guestMemoryBytes: live.length * bytesOf(machine.memory),
    nodeMemoryBytes: live.length * nodeBytesOf(machine),
    selector: `${LABELS.pool}=${name}`,
  };
}

function statements(facts: PoolStatusFacts): Statement[] {
  const parts = [ready(facts), progressing(facts), schedulable(facts), healthy(facts)];
  return [...parts, supported(facts.pool)];
}

function ready({ pool, vms }: PoolStatusFacts): Statement {
  const generic = vms.filter((vm) => vm.stage === 'generic').length;
  if (generic > 0 || pool.spec.warm.min === 0 || vms.some(isTaken)) {
    return state('Ready', 'Warm', `${generic} VMs wait`);
  }
  return state('Ready', 'Warming', 'no VM has come up yet');
}

function progressing(facts: PoolStatusFacts): Statement {
  const { plan, vms, revision, createError } = facts;
  if (createError !== undefined) {
    return state('Progressing', 'CreateRefused', createError);
  }
  if (plan.hold === 'MaxVms') {
    const message = 'spec.maxVms is reached: no further VMs are started';
    return state('Progressing', 'MaxVms', message);
  }
  if (plan.hold === 'Unschedulable') {
    const message = 'no further VMs are started while one finds no node';
    return state('Progressing', 'Unschedulable', message);
  }
  const generic = vms.filter((vm) => vm.stage === 'generic');
  const health = healthy(facts);
  const atStart = health.reason === 'StartFailing' || facts.complaint?.atStart === true;
  const current = generic.filter((vm) => isCurrent(vm, revision));
  if (atStart && current.length < plan.target) return { ...health, type: 'Progressing' };
  if (current.length < generic.length) {
    const message = 'VMs of an older revision, or of a node that is emptied, are being replaced';
    return state('Progressing', 'RollingOut', message);
  }
  if (generic.length < plan.target) {
    const message = 'VMs are being started';
    return state('Progressing', 'Refilling', message);
  }
  const message = 'as many VMs wait as should';
  return state('Progressing', 'Settled', message);
}

function schedulable({ vms }: PoolStatusFacts): Statement {
  const stuck = vms.filter((vm) => vm.stage === 'starting' && vm.unschedulable !== undefined);
  if (stuck.length === 0) {
    return state('Schedulable', 'Scheduled', 'every VM found a node');
  }
  const message = `${stuck.length} VMs wait for a node: ${stuck[0]?.unschedulable ?? ''}`;
  return state('Schedulable', 'Unschedulable', message);
}

function healthy({ vms, complaint }: PoolStatusFacts): Statement {
  const problem = vms.find((vm) => vm.stage === 'starting' && vm.problem !== undefined)?.problem;
  const ails = problem === undefined ? complaint : notStartedBy(problem);
  if (ails === undefined) return state('VmsHealthy', 'Healthy', 'VMs come up');
  return state('VmsHealthy', ails.reason, redact(ails.message));
}

/** Fields that this version stores and does not act on. */
function supported({ spec }: OsvPool): Statement {
  if (spec.prices === undefined) {
    return state('SpecSupported', 'Supported', 'every field is acted on');
  }
  const message = 'stored, but not acted on by this version: spec.prices';
  return state('SpecSupported', 'NotYetActedOn', message);
}
