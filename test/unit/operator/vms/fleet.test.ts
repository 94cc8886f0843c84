import { beforeEach, describe, expect, test } from '@jest/globals';
import { Fleet } from '../../../../src/operator/vms/fleet.ts';
import { isTaken, type Vm } from '../../../../src/operator/vms/vm.ts';
import { FakeClock } from '../../../support/fake-clock.ts';
import { aBinding, APPLICATION, aVm } from '../../support/vms.ts';

let clock: FakeClock;
let fleet: Fleet;
let heard: string[];

beforeEach(() => {
  clock = new FakeClock(10_000);
  fleet = new Fleet(clock);
  heard = [];
  fleet.on((vm, before) => heard.push(`${before?.stage ?? '-'} ${vm?.stage ?? '-'}`));
});

const KEY = aVm().key;
const keys = (vms: readonly Vm[]): string[] => vms.map((vm) => vm.key);

describe('a VM is found', () => {
  test('by key, id and pool from the beginning, by application once it has one', () => {
    const vm = fleet.put(aVm());
    expect(fleet.get(KEY)).toBe(vm);
    expect(fleet.byVmId('id-1')).toBe(vm);
    expect(fleet.ofPool('pools/node')).toEqual([vm]);
    expect(fleet.all()).toEqual([vm]);
    expect(fleet.ofApplication(APPLICATION)).toEqual([]);
    fleet.update(KEY, { stage: 'binding', binding: aBinding() });
    expect(keys(fleet.ofApplication(APPLICATION))).toEqual([KEY]);
  });

  test('nowhere any more when it is gone', () => {
    fleet.put(aVm({ binding: aBinding() }));
    fleet.put(aVm({ key: 'pools/node-2', vmId: 'id-2' }));
    fleet.remove(KEY);
    expect(fleet.get(KEY)).toBeUndefined();
    expect(fleet.byVmId('id-1')).toBeUndefined();
    expect(fleet.ofApplication(APPLICATION)).toEqual([]);
    expect(keys(fleet.ofPool('pools/node'))).toEqual(['pools/node-2']);
  });

  test('under its new pool and application only', () => {
    fleet.put(aVm({ binding: aBinding() }));
    fleet.put(aVm({ pool: 'pools/java', binding: aBinding({ application: 'x/y@p/q' }) }));
    expect(fleet.ofPool('pools/node')).toEqual([]);
    expect(fleet.ofApplication(APPLICATION)).toEqual([]);
    expect(keys(fleet.ofApplication('x/y@p/q'))).toEqual([KEY]);
    expect(keys(fleet.ofPool('pools/java'))).toEqual([KEY]);
  });
});

describe('the time of a stage', () => {
  test('begins when it is entered and stays while it lasts', () => {
    fleet.put(aVm({ since: 1 }));
    expect(fleet.get(KEY)?.since).toBe(10_000);
    void clock.advance(5_000);
    fleet.update(KEY, { uid: 'u' });
    expect(fleet.get(KEY)?.since).toBe(10_000);
  });

  test('begins anew for a VM that has found its node: it waited for the cluster, not for itself', async () => {
    fleet.put(aVm({ unschedulable: 'no node' }));
    await clock.advance(600_000);
    fleet.update(KEY, { unschedulable: undefined });
    expect(fleet.get(KEY)?.since).toBe(610_000);
    await clock.advance(1_000);
    fleet.update(KEY, { address: 'a:1' });
    expect(fleet.get(KEY)?.since).toBe(610_000);
  });

  test('goes on while it has none', async () => {
    fleet.put(aVm());
    await clock.advance(1_000);
    fleet.update(KEY, { unschedulable: 'no node' });
    expect(fleet.get(KEY)?.since).toBe(10_000);
  });
});

describe('a move', () => {
  test('happens from the stages that are named only: one of two binders loses', () => {
    fleet.put(aVm({ stage: 'generic' }));
    const first = fleet.move(KEY, ['generic'], 'binding', { binding: aBinding() });
    const second = fleet.move(KEY, ['generic'], 'binding', {
      binding: aBinding({ application: 'x/y@p/q' }),
    });
    expect(first?.stage).toBe('binding');
    expect(second).toBeUndefined();
    expect(fleet.get(KEY)?.binding?.application).toBe(APPLICATION);
  });

  test('of a VM that is gone is none', () => {
    expect(fleet.move(KEY, ['generic'], 'binding')).toBeUndefined();
    expect(fleet.update(KEY, { uid: 'u' })).toBeUndefined();
    fleet.remove(KEY);
    expect(heard).toEqual([]);
  });
});

test('listeners hear every change, in order, before the caller goes on', () => {
  fleet.put(aVm());
  fleet.move(KEY, ['starting'], 'generic');
  fleet.update(KEY, { uid: 'u' });
  fleet.remove(KEY);
  expect(heard).toEqual(['- starting', 'starting generic', 'generic generic', 'generic -']);
});

test.each([
  { stage: 'starting', taken: false },
  { stage: 'generic', taken: false },
  { stage: 'binding', taken: true },
  { stage: 'bound', taken: true },
  { stage: 'draining', taken: true },
  { stage: 'deleting', taken: false },
] as const)('a VM in stage $stage belongs to an application: $taken', ({ stage, taken }) => {
  expect(isTaken(aVm({ stage }))).toBe(taken);
});
