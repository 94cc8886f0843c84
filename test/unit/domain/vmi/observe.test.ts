import { describe, expect, test } from '@jest/globals';
import type { KubeMeta } from '../../../../src/api/meta.ts';
import type { Vmi } from '../../../../src/api/kubevirt.ts';
import { observeVmi } from '../../../../src/domain/vmi/observe.ts';

const LABELS = {
  'faas.osv.io/vm-id': 'id-1',
  'faas.osv.io/pool': 'node',
  'faas.osv.io/pool-revision': 'r1',
};

function vmi(status?: Vmi['status'], metadata: Partial<KubeMeta> = {}): Vmi {
  return {
    metadata: {
      name: 'node-1',
      namespace: 'pools',
      uid: 'uid-1',
      labels: LABELS,
      creationTimestamp: '2026-01-02T03:04:05Z',
      ...metadata,
    },
    spec: { domain: { devices: {} } },
    ...(status === undefined ? {} : { status }),
  };
}

function without(field: keyof KubeMeta, instead: Partial<KubeMeta> = {}): Vmi {
  const metadata = { ...vmi().metadata };
  Reflect.deleteProperty(metadata, field);
  return { ...vmi(), metadata: { ...metadata, ...instead } };
}

describe('whose VMI it is', () => {
  test('ours, when it names its VM and its pool', () => {
    expect(observeVmi(vmi())).toEqual({
      name: 'node-1',
      namespace: 'pools',
      uid: 'uid-1',
      vmId: 'id-1',
      pool: 'pools/node',
      poolRevision: 'r1',
      phase: 'pending',
      launched: false,
      leaving: false,
      address: undefined,
      node: undefined,
      unschedulable: undefined,
      createdAt: Date.UTC(2026, 0, 2, 3, 4, 5),
    });
  });

  test.each([
    { labels: {}, why: 'somebody’s virtual machine' },
    { labels: { 'faas.osv.io/pool': 'node' }, why: 'no identity: no agent knows it' },
    { labels: { 'faas.osv.io/vm-id': 'id-1' }, why: 'no pool' },
    { labels: undefined, why: 'no labels at all' },
  ])('nobody’s: $why', ({ labels }) => {
    expect(observeVmi(without('labels', labels && { labels }))).toBeUndefined();
  });

  test('ours without a revision, as one of an unknown one', () => {
    const labels = { 'faas.osv.io/vm-id': 'id-1', 'faas.osv.io/pool': 'node' };
    expect(observeVmi(vmi(undefined, { labels }))?.poolRevision).toBe('');
  });

  test('made at a time that nobody wrote down', () => {
    expect(observeVmi(without('creationTimestamp'))?.createdAt).toBe(0);
  });
});

describe('its phase', () => {
  test.each([
    { phase: undefined, is: 'pending', why: 'KubeVirt has not looked at it' },
    { phase: 'Pending', is: 'pending', why: 'no launcher yet' },
    { phase: 'Scheduling', is: 'pending', why: 'a launcher without node' },
    { phase: 'Scheduled', is: 'pending', why: 'handed to its node' },
    { phase: 'Running', is: 'running', why: 'the guest was started' },
    { phase: 'Succeeded', is: 'failed', why: 'a guest that ended itself does not come back' },
    { phase: 'Failed', is: 'failed', why: 'nor does one that crashed' },
    { phase: 'Unknown', is: 'pending', why: 'a lost node says nothing: the agent is asked' },
    { phase: 'WaitingForSync', is: 'pending', why: 'a phase of a newer KubeVirt' },
  ])('$phase is $is: $why', ({ phase, is }) => {
    expect(observeVmi(vmi(phase === undefined ? {} : { phase }))?.phase).toBe(is);
  });

  test.each([{ phase: 'Running' }, { phase: 'Failed' }, { phase: 'Pending' }])(
    'deleting, whatever else, once its deletion was asked for: $phase',
    (status) => {
      const gone = vmi(status, { deletionTimestamp: '2026-01-02T03:05:00Z' });
      expect(observeVmi(gone)?.phase).toBe('deleting');
    },
  );
});

describe('where it is', () => {
  test('the node, and the address of its first interface', () => {
    const status = {
      phase: 'Running',
      nodeName: 'worker-1',
      interfaces: [{ ipAddress: '10.1.2.3' }, { ipAddress: '10.9.9.9' }],
    };
    expect(observeVmi(vmi(status))).toMatchObject({ address: '10.1.2.3', node: 'worker-1' });
  });

  test.each([
    { interfaces: [], why: 'no interface' },
    { interfaces: [{ mac: '02:00:00:00:00:01' }], why: 'an interface that waits for its address' },
  ])('nowhere yet: $why', ({ interfaces }) => {
    expect(observeVmi(vmi({ phase: 'Running', interfaces }))?.address).toBeUndefined();
  });
});

describe('why it has no node', () => {
  const scheduled = (more: object): Vmi =>
    vmi({
      phase: 'Scheduling',
      conditions: [
        { type: 'Ready', status: 'False', reason: 'GuestNotRunning' },
        { type: 'PodScheduled', status: 'False', ...more },
      ],
    });

  test.each([
    {
      more: { message: '0/3 nodes', reason: 'Unschedulable' },
      says: '0/3 nodes',
      why: 'the scheduler’s words',
    },
    { more: { reason: 'Unschedulable' }, says: 'Unschedulable', why: 'its word' },
    { more: {}, says: 'no node has room', why: 'ours, where it has none' },
    { more: { status: 'True', message: 'fine' }, says: undefined, why: 'it has one' },
  ])('$says: $why', ({ more, says }) => {
    expect(observeVmi(scheduled(more))?.unschedulable).toBe(says);
  });

  test('nothing of the kind is said while nobody has tried', () => {
    const conditions = [{ type: 'Ready', status: 'False' }];
    expect(observeVmi(vmi({ conditions }))?.unschedulable).toBeUndefined();
  });
});

test.each<{ status: Vmi['status']; leaving: boolean }>([
  { status: {}, leaving: false },
  { status: { evacuationNodeName: '' }, leaving: false },
  { status: { evacuationNodeName: 'node-1' }, leaving: true },
  { status: { conditions: [{ type: 'EvictionRequested', status: 'True' }] }, leaving: true },
  { status: { conditions: [{ type: 'EvictionRequested', status: 'False' }] }, leaving: false },
])('a drain of its node asks for it: $status', ({ status, leaving }) => {
  expect(observeVmi(vmi(status))?.leaving).toBe(leaving);
});

test.each([
  { phase: undefined, launched: false },
  { phase: 'Pending', launched: false },
  { phase: 'Scheduling', launched: true },
  { phase: 'Running', launched: true },
])('KubeVirt has begun to start it: $phase', ({ phase, launched }) => {
  expect(observeVmi(vmi(phase === undefined ? {} : { phase }))?.launched).toBe(launched);
});

describe('KubeVirt’s words', () => {
  type Condition = NonNullable<NonNullable<Vmi['status']>['conditions']>[number];
  const message = 'quota "pods" exceeded';
  const failing: Condition = {
    ...{ type: 'Synchronized', status: 'False', reason: 'FailedCreate', message },
  };
  const bare: Condition = { type: 'Synchronized', status: 'False' };
  test.each<{ why: string; conditions: Condition[]; problem: string | undefined }>([
    { why: 'no image, no quota', conditions: [failing], problem: `FailedCreate: ${message}` },
    { why: 'without words', conditions: [bare], problem: 'NotSynchronized' },
    { why: 'nothing is wrong', conditions: [{ ...failing, status: 'True' }], problem: undefined },
  ])('why it does not start: $why', ({ conditions, problem }) => {
    expect(observeVmi(vmi({ phase: 'Pending', conditions }))?.problem).toBe(problem);
  });

  test('how it ended, and nothing of that before it did', () => {
    const conditions = [{ type: 'Ready', status: 'False', message: 'not running' }];
    expect(observeVmi(vmi({ phase: 'Failed', conditions }))?.ending).toBe('not running');
    expect(observeVmi(vmi({ phase: 'Succeeded', conditions }))?.ending).toBe('not running');
    expect(observeVmi(vmi({ phase: 'Running', conditions }))?.ending).toBeUndefined();
    expect(observeVmi(vmi({ phase: 'Failed' }))?.ending).toBeUndefined();
  });
});
