import { beforeEach, describe, expect, test } from '@jest/globals';
import type { KubeMeta } from '../../../../src/api/meta.ts';
import type { Vmi } from '../../../../src/api/kubevirt.ts';
import { Fleet } from '../../../../src/operator/vms/fleet.ts';
import { follow } from '../../../../src/operator/vms/follow.ts';
import type { Vm } from '../../../../src/operator/vms/vm.ts';
import { FakeClock } from '../../../support/fake-clock.ts';
import { aBinding, aVm } from '../../support/vms.ts';

let fleet: Fleet;
let changes: number;

beforeEach(() => {
  fleet = new Fleet(new FakeClock(50_000));
  changes = 0;
  fleet.on(() => {
    changes += 1;
  });
});

const KEY = 'pools/node-1';

function vmi(status: Vmi['status'] = {}, metadata: Partial<KubeMeta> = {}): Vmi {
  const labels = {
    'faas.osv.io/vm-id': 'id-1',
    'faas.osv.io/pool': 'node',
    'faas.osv.io/pool-revision': 'r1',
  };
  return {
    metadata: {
      name: 'node-1',
      namespace: 'pools',
      uid: 'uid-1',
      labels,
      creationTimestamp: '1970-01-01T00:00:20Z',
      ...metadata,
    },
    spec: { domain: { devices: {} } },
    status,
  };
}

const running = (ipAddress: string): Vmi['status'] => ({
  phase: 'Running',
  interfaces: [{ ipAddress }],
});

function seen(object: Vmi): Vm | undefined {
  follow(fleet, { type: 'updated', object, previous: object });
  return fleet.get(KEY);
}

describe('a VMI that the operator did not know', () => {
  test('is starting, whatever KubeVirt says: only its agent knows more', () => {
    expect(seen(vmi(running('10.0.0.1')))).toEqual({
      key: KEY,
      name: 'node-1',
      namespace: 'pools',
      vmId: 'id-1',
      pool: 'pools/node',
      poolRevision: 'r1',
      stage: 'starting',
      // Its readiness is awaited from now on, however old it is.
      since: 50_000,
      createdAt: 20_000,
      uid: 'uid-1',
      address: '10.0.0.1:8080',
      launched: true,
      leaving: false,
      unschedulable: undefined,
    });
  });

  test('is none of ours without our labels', () => {
    expect(seen(vmi({}, { labels: {} }))).toBeUndefined();
    expect(changes).toBe(0);
  });
});

describe('a VM that is known', () => {
  const rows: { why: string; before: Partial<Vm>; object: Vmi; after: Partial<Vm> }[] = [
    {
      why: 'gets the uid that the API server gave',
      before: {},
      object: vmi(),
      after: { stage: 'starting', uid: 'uid-1' },
    },
    {
      why: 'a bound one stays bound',
      before: { stage: 'bound', binding: aBinding() },
      object: vmi(running('10.0.0.1')),
      after: { stage: 'bound', address: '10.0.0.1:8080', binding: aBinding() },
    },
    {
      why: 'an address of version 6 is written in brackets',
      before: {},
      object: vmi(running('fd00::7')),
      after: { address: '[fd00::7]:8080' },
    },
    {
      why: 'an address counts when the guest runs, not before',
      before: {},
      object: vmi({ ...running('10.0.0.1'), phase: 'Scheduled' }),
      after: { stage: 'starting' },
    },
    {
      why: 'one that runs and shows no address for a moment keeps its own',
      before: { stage: 'bound', address: '10.0.0.1:8080' },
      object: vmi({ phase: 'Running', interfaces: [] }),
      after: { stage: 'bound', address: '10.0.0.1:8080' },
    },
    {
      why: 'one that is elsewhere now stays where it answered until it answers there',
      before: { stage: 'bound', address: '10.0.0.1:8080' },
      object: vmi(running('10.0.0.2')),
      after: { stage: 'bound', address: '10.0.0.1:8080', movedTo: '10.0.0.2:8080' },
    },
    {
      why: 'one that is back before it was found is asked again as well',
      before: { stage: 'bound', address: '10.0.0.1:8080', movedTo: '10.0.0.2:8080' },
      object: vmi(running('10.0.0.1')),
      after: { address: '10.0.0.1:8080', movedTo: '10.0.0.1:8080' },
    },
    {
      why: 'one whose agent never answered yet is asked at its newest address',
      before: { stage: 'starting', address: '10.0.0.1:8080' },
      object: vmi(running('10.0.0.2')),
      after: { address: '10.0.0.2:8080' },
    },
    {
      why: 'of several interfaces the one that we asked for counts',
      before: {},
      object: vmi({
        phase: 'Running',
        interfaces: [
          { name: 'lo', ipAddress: '10.9.9.9' },
          { name: 'default', ipAddress: '10.0.0.1' },
        ],
      }),
      after: { address: '10.0.0.1:8080' },
    },
    {
      why: 'a lost node ends nothing: gateways and health checks say whether it lives',
      before: { stage: 'bound', address: '10.0.0.1:8080' },
      object: vmi({ phase: 'Unknown' }),
      after: { stage: 'bound', address: '10.0.0.1:8080' },
    },
    {
      why: 'a guest that ended is deleted',
      before: { stage: 'bound', binding: aBinding() },
      object: vmi({ phase: 'Failed' }),
      after: { stage: 'deleting', reason: 'GuestEnded' },
    },
    {
      why: 'so is one that powered itself off',
      before: { stage: 'generic' },
      object: vmi({ phase: 'Succeeded' }),
      after: { stage: 'deleting', reason: 'GuestEnded' },
    },
    {
      why: 'somebody deletes it',
      before: { stage: 'generic' },
      object: vmi(running('10.0.0.1'), { deletionTimestamp: '1970-01-01T00:01:00Z' }),
      after: { stage: 'deleting', reason: 'DeletedByOthers' },
    },
    {
      why: 'our own reason stands',
      before: { stage: 'deleting', reason: 'Idle' },
      object: vmi({ phase: 'Succeeded' }, { deletionTimestamp: '1970-01-01T00:01:00Z' }),
      after: { stage: 'deleting', reason: 'Idle' },
    },
    {
      why: 'it finds no node',
      before: {},
      object: vmi({ conditions: [{ type: 'PodScheduled', status: 'False', message: '0/3' }] }),
      after: { stage: 'starting', unschedulable: '0/3' },
    },
    {
      why: 'it has found one',
      before: { unschedulable: '0/3' },
      object: vmi({ phase: 'Scheduled' }),
      after: { stage: 'starting', unschedulable: undefined },
    },
  ];
  test.each(rows)('$why', ({ before, object, after }) => {
    fleet.put(aVm(before));
    expect(seen(object)).toMatchObject(after);
  });

  test('an address that came too early is not taken', () => {
    fleet.put(aVm());
    expect(seen(vmi({ ...running('10.0.0.1'), phase: 'Scheduled' }))).not.toHaveProperty('address');
  });

  test.each([{ interfaces: [{ name: 'default' }] }, { interfaces: [{ ipAddress: '' }] }])(
    'an interface without an address has none: %j',
    (status) => {
      fleet.put(aVm());
      expect(seen(vmi({ phase: 'Running', ...status }))).not.toHaveProperty('address');
    },
  );

  test('says nothing when nothing changed: labels that we wrote ourselves come back', () => {
    seen(vmi(running('10.0.0.1')));
    seen(vmi(running('10.0.0.1'), { resourceVersion: '9' }));
    expect(changes).toBe(1);
  });

  const deletionTimestamp = '1970-01-01T00:01:00Z';
  test.each([
    { why: 'is gone', metadata: { deletionTimestamp } },
    { why: 'is gone, its labels first', metadata: { deletionTimestamp, labels: {} } },
  ])('is forgotten when its VMI $why', ({ metadata }) => {
    seen(vmi());
    follow(fleet, { type: 'deleted', object: vmi({}, metadata) });
    expect(fleet.get(KEY)).toBeUndefined();
  });

  test('is not forgotten when its VMI only is seen no longer', () => {
    seen(vmi());
    follow(fleet, { type: 'deleted', object: vmi({}, { labels: {} }) });
    follow(fleet, { type: 'deleted', object: vmi() });
    expect(fleet.get(KEY)).toMatchObject({ uid: 'uid-1' });
  });
});
