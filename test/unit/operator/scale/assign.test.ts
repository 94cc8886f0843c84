/** An application whose VMs are lost again and again does not take the pool that others share. */
import { beforeEach, expect, test } from '@jest/globals';
import { Backlog } from '../../../../src/domain/scaling/backlog.ts';
import type { ApplicationRecord } from '../../../../src/operator/applications/registry.ts';
import type { BindOutcome } from '../../../../src/operator/bind/binder.ts';
import { Assigner, type AssignerOptions } from '../../../../src/operator/scale/assign.ts';
import { EndpointPublisher } from '../../../../src/operator/stream/endpoint-publisher.ts';
import { Fleet } from '../../../../src/operator/vms/fleet.ts';
import type { Vm } from '../../../../src/operator/vms/vm.ts';
import { silentLogger } from '../../../../src/runtime/log.ts';
import { FakeClock } from '../../../support/fake-clock.ts';
import { aBinding, APPLICATION, aVm } from '../../support/vms.ts';

const POOL = 'pools/node';
const RECORD = {
  id: APPLICATION,
  pool: POOL,
  bundle: { revision: 'r', payload: Buffer.alloc(0) },
} as unknown as ApplicationRecord;
/** VMs that the application should have. */
const WANTED = 4;

let clock: FakeClock;
let fleet: Fleet;
let backlog: Backlog;
let failing: boolean;
let binds: number;

beforeEach(() => {
  clock = new FakeClock(1_000_000);
  fleet = new Fleet(clock);
  backlog = new Backlog();
  failing = false;
  binds = 0;
  const options = {
    ...{ fleet, clock, log: silentLogger, publisher: new EndpointPublisher() },
    registry: { get: () => RECORD, confirm: () => undefined, worry: () => undefined },
    binder: { bind },
    pools: {
      genericVms: () => fleet.ofPool(POOL).filter((vm) => vm.stage === 'generic'),
      revisionOf: () => 'r1',
      backlogChanged: () => undefined,
    },
    observeBind: () => undefined,
    teller: { application: () => undefined },
  } as unknown as AssignerOptions;
  const look = (): void => {
    const has = fleet.ofApplication(APPLICATION).filter((vm) => vm.stage !== 'deleting').length;
    assigner.assign(RECORD, { bind: Math.max(0, WANTED - has), renew: 0 });
  };
  const assigner = new Assigner(options, backlog, (_id, afterMs) => clock.after(afterMs, look));
  // As everything that changes does.
  fleet.on(() => clock.after(0, look));
  for (let index = 0; index < 100; index += 1) {
    const ids = { key: `pools/${index}`, name: `${index}`, vmId: `${index}` };
    fleet.put(aVm({ ...ids, stage: 'generic', address: '10.0.0.1:8080' }));
  }
});

async function bind(vm: Vm): Promise<BindOutcome> {
  binds += 1;
  const binding = aBinding({ boundAt: clock.now() });
  fleet.move(vm.key, ['generic'], 'binding', { binding });
  await Promise.resolve();
  const stage = failing ? 'deleting' : 'bound';
  const moved = fleet.move(vm.key, ['binding'], stage, { binding });
  await Promise.resolve();
  return failing || moved === undefined
    ? { kind: 'failed', reason: 'NoAnswer', detail: '' }
    : { kind: 'bound', vm: moved, phases: {} };
}

const bound = (): Vm[] => fleet.ofApplication(APPLICATION).filter((vm) => vm.stage === 'bound');

function breakAll(): void {
  for (const { key } of bound()) fleet.move(key, ['bound'], 'deleting', { reason: 'Broken' });
}

test('lost to their binds: one is tried after 0.25, 0.75, 1.75, … 31.75 s, then all come at once', async () => {
  failing = true;
  await clock.advance(0);
  expect(binds).toBe(WANTED);
  await clock.advance(60_000);
  expect(binds).toBe(WANTED + 7);
  expect(backlog.of(APPLICATION)).toBe(0);
  failing = false;
  await clock.advance(4_000);
  expect(bound()).toHaveLength(WANTED);
});

test('lost soon after their binds', async () => {
  for (let second = 0; second < 60; second += 1) {
    await clock.advance(1_000);
    breakAll();
  }
  expect(binds).toBeLessThan(10 * WANTED);
});

test('lost after a while: others come at once', async () => {
  await clock.advance(20_000);
  breakAll();
  await clock.advance(0);
  expect(bound()).toHaveLength(WANTED);
});
