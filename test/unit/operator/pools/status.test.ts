import { describe, expect, test } from '@jest/globals';
import type { OsvPoolStatus } from '../../../../src/api/types.ts';
import type { PoolPlan } from '../../../../src/domain/pool/plan.ts';
import { poolStatus, type PoolStatusFacts } from '../../../../src/operator/pools/status.ts';
import type { Vm } from '../../../../src/operator/vms/vm.ts';
import { aPool } from '../../support/objects.ts';
import { aVm } from '../../support/vms.ts';

const MI = 1024 ** 2;
const PLAN: PoolPlan = {
  create: 0,
  remove: [],
  target: 2,
  hold: undefined,
  againAfterMs: undefined,
};

function vms(...stages: Vm['stage'][]): Vm[] {
  return stages.map((stage, index) => aVm({ stage, key: `pools/node-${index}` }));
}

function status(changes: Partial<PoolStatusFacts> = {}): OsvPoolStatus {
  const facts = { pool: aPool(), revision: 'r1', vms: [], plan: PLAN, now: 5_000, ...changes };
  return poolStatus({ createError: undefined, complaint: undefined, ...facts });
}

/** `status reason: message` of a condition. */
function said(type: string, changes: Partial<PoolStatusFacts>): string {
  const one = status(changes).conditions?.find((condition) => condition.type === type);
  return `${one?.status ?? ''} ${one?.reason ?? ''}: ${one?.message ?? ''}`;
}

test('counts each VM where it belongs, and those that are going nowhere', () => {
  const all = vms('starting', 'generic', 'generic', 'binding', 'bound', 'draining', 'deleting');
  const counts = { ...status({ vms: all }) };
  delete counts.conditions;
  expect(counts).toEqual({
    observedGeneration: 1,
    replicas: 6,
    starting: 1,
    generic: 2,
    bound: 2,
    draining: 1,
    updatedReplicas: 2,
    poolRevision: 'r1',
    guestMemoryBytes: 6 * 128 * MI,
    nodeMemoryBytes: 6 * 384.25 * MI,
    selector: 'faas.osv.io/pool=node',
  });
});

test('only generic VMs of the current revision are up to date', () => {
  const all = [...vms('generic', 'bound'), aVm({ stage: 'generic', poolRevision: 'r0' })];
  expect(status({ vms: all })).toMatchObject({ generic: 2, updatedReplicas: 1 });
});

describe('SpecSupported', () => {
  test('prices are stored, and the pool says so', () => {
    expect(said('SpecSupported', {})).toBe('True Supported: every field is acted on');
    const prices = { currency: 'EUR', cpuSecond: '0.1', memoryGibSecond: '0.01' };
    const pool = { ...aPool(), spec: { ...aPool().spec, prices } };
    expect(said('SpecSupported', { pool })).toBe(
      'False NotYetActedOn: stored, but not acted on by this version: spec.prices',
    );
  });
});

describe('Ready', () => {
  test.each([
    { why: 'a VM waits', given: { vms: vms('generic') }, says: 'True Warm: 1 VMs wait' },
    {
      why: 'all are in use: the pool works',
      given: { vms: vms('bound', 'starting') },
      says: 'True Warm: 0 VMs wait',
    },
    {
      why: 'a pool that keeps none is ready for requests',
      given: { pool: aPool({ warm: { ...aPool().spec.warm, min: 0 } }) },
      says: 'True Warm: 0 VMs wait',
    },
    {
      why: 'nothing has come up',
      given: { vms: vms('starting', 'deleting') },
      says: 'False Warming: no VM has come up yet',
    },
  ])('$says: $why', ({ given, says }) => {
    expect(said('Ready', given)).toBe(says);
  });
});

describe('Progressing', () => {
  const old = aVm({ stage: 'generic', poolRevision: 'r0' });
  test.each([
    { why: 'as it should be', given: { vms: vms('generic', 'generic') }, says: 'False Settled' },
    { why: 'one is missing', given: { vms: vms('generic', 'starting') }, says: 'True Refilling' },
    { why: 'an image rolls', given: { vms: [...vms('generic'), old] }, says: 'True RollingOut' },
    {
      why: 'an image rolls as fast as the rate allows',
      given: { vms: [old], plan: { ...PLAN, hold: 'RefillRate' as const } },
      says: 'True RollingOut',
    },
    {
      why: 'its own bound holds it, and the field is named',
      given: { plan: { ...PLAN, hold: 'MaxVms' as const } },
      says: 'False MaxVms: spec.maxVms',
    },
    {
      why: 'the cluster holds it: nothing progresses',
      given: { plan: { ...PLAN, hold: 'Unschedulable' as const }, vms: vms('starting') },
      says: 'False Unschedulable',
    },
    {
      why: 'the API server takes no VMIs, in its own words',
      given: { createError: 'quota exceeded', plan: { ...PLAN, hold: 'MaxVms' as const } },
      says: 'False CreateRefused: quota exceeded',
    },
  ])('$says: $why', ({ given, says }) => {
    expect(said('Progressing', given)).toContain(says);
  });
});

describe('VmsHealthy', () => {
  const held = aVm({ problem: 'ImagePullBackOff: no such image' });
  const complaint = { reason: 'GuestFailing', message: 'it crashed', atStart: true } as const;
  const memory = { reason: 'GuestOutOfMemory', message: 'too small', atStart: false } as const;
  test.each([
    { why: 'nothing is wrong', given: { vms: vms('starting') }, says: 'True Healthy' },
    {
      why: 'KubeVirt’s words',
      given: { vms: [held, held, ...vms('generic')] },
      says: 'False StartFailing: KubeVirt does not start VMs: ImagePullBackOff: no such image',
    },
    {
      why: 'one that is given up is not waited for',
      given: { vms: [{ ...held, stage: 'deleting' as const }] },
      says: 'True Healthy',
    },
    {
      why: 'what a guest left behind',
      given: { complaint },
      says: 'False GuestFailing: it crashed',
    },
  ])('$says: $why', ({ given, says }) => {
    expect(said('VmsHealthy', given)).toContain(says);
  });

  test('what keeps VMs from coming up is what Progressing says, as long as some are missing', () => {
    expect(said('Progressing', { vms: [held] })).toContain('False StartFailing');
    expect(said('Progressing', { complaint })).toContain('False GuestFailing');
    expect(said('Progressing', { complaint: memory })).toContain('True Refilling');
    expect(said('Progressing', { complaint, vms: vms('generic', 'generic') })).toContain('Settled');
  });
});

describe('Schedulable', () => {
  const stuck = (message: string): Vm => aVm({ unschedulable: message });
  test.each([
    { why: 'no VMs at all', given: { vms: [] }, says: 'True Scheduled' },
    {
      why: 'how many, and the scheduler’s words',
      given: { vms: [stuck('0/3 nodes'), stuck('x'), ...vms('generic')] },
      says: 'False Unschedulable: 2 VMs wait for a node: 0/3 nodes',
    },
    {
      why: 'one that is given up waits no more',
      given: { vms: [{ ...stuck('0/3 nodes'), stage: 'deleting' as const }] },
      says: 'True Scheduled',
    },
  ])('$says: $why', ({ given, says }) => {
    expect(said('Schedulable', given)).toContain(says);
  });
});

test('the time of a condition is that of its last transition', () => {
  const first = status();
  const later = poolStatus({
    pool: { ...aPool(), status: first },
    revision: 'r1',
    vms: vms('generic'),
    plan: PLAN,
    createError: undefined,
    complaint: undefined,
    now: 9_000,
  });
  const times = later.conditions?.map(({ type, lastTransitionTime }) => [type, lastTransitionTime]);
  expect(times).toEqual([
    ['Ready', '1970-01-01T00:00:09Z'],
    ['Progressing', '1970-01-01T00:00:05Z'],
    ['Schedulable', '1970-01-01T00:00:05Z'],
    ['VmsHealthy', '1970-01-01T00:00:05Z'],
    ['SpecSupported', '1970-01-01T00:00:05Z'],
  ]);
});

test('a pool that no API server has stored has generation 0', () => {
  const pool = aPool();
  Reflect.deleteProperty(pool.metadata, 'generation');
  expect(status({ pool }).observedGeneration).toBe(0);
});
