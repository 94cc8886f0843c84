import { beforeEach, expect, test } from '@jest/globals';
import { Evacuator } from '../../../../src/operator/vms/evacuator.ts';
import { Fleet } from '../../../../src/operator/vms/fleet.ts';
import type { Vm } from '../../../../src/operator/vms/vm.ts';
import { silentLogger } from '../../../../src/runtime/log.ts';
import { FakeClock } from '../../../support/fake-clock.ts';
import { aBinding, aVm } from '../../support/vms.ts';

const KEY = 'pools/node-1';

let clock: FakeClock;
let fleet: Fleet;
let told: number;

beforeEach(() => {
  clock = new FakeClock();
  fleet = new Fleet(clock);
  told = 0;
  const teller = { evicted: () => (told += 1) };
  new Evacuator({ ...{ fleet, clock, log: silentLogger }, teller });
});

const stage = (): Vm['stage'] | undefined => fleet.get(KEY)?.stage;

test.each([
  ['bound', 'draining'],
  ['generic', 'deleting'],
  ['starting', 'deleting'],
] as const)('one that is %s has a minute to be replaced', async (before, after) => {
  fleet.put(aVm({ stage: before, leaving: true, binding: aBinding() }));
  await clock.advance(59_999);
  expect(stage()).toBe(before);
  await clock.advance(1);
  expect(stage()).toBe(after);
  expect([told, clock.pending]).toEqual([1, 0]);
});

test('one that is being bound is let go when it is bound', async () => {
  fleet.put(aVm({ stage: 'binding', leaving: true, binding: aBinding() }));
  await clock.advance(60_000);
  fleet.move(KEY, ['binding'], 'bound');
  await clock.advance(60_000);
  expect(stage()).toBe('draining');
});

test.each<{ why: string; change: Partial<Vm> }>([
  { why: 'is asked no more', change: { leaving: false } },
  { why: 'was replaced before', change: { stage: 'draining' } },
])('one that $why is left alone', ({ change }) => {
  fleet.put(aVm({ stage: 'bound', leaving: true, binding: aBinding() }));
  fleet.update(KEY, change);
  expect(clock.pending).toBe(0);
});

test('one that is gone is forgotten', () => {
  fleet.put(aVm({ leaving: true }));
  fleet.remove(KEY);
  expect(clock.pending).toBe(0);
});
