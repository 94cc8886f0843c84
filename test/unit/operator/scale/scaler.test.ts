/** Which generic VMs an application is given while the pool's image rolls. */
import { beforeEach, describe, expect, test } from '@jest/globals';
import type { OsvPool } from '../../../../src/api/types.ts';
import { poolRevision } from '../../../../src/domain/vmi/revision.ts';
import { ApplicationRegistry } from '../../../../src/operator/applications/registry.ts';
import type { BindOutcome } from '../../../../src/operator/bind/binder.ts';
import type { Bundle } from '../../../../src/operator/bind/bundle.ts';
import { createPools } from '../../../../src/operator/scale/pools.ts';
import { Scaler } from '../../../../src/operator/scale/scaler.ts';
import { DemandBook } from '../../../../src/operator/stream/demand-book.ts';
import { Hub } from '../../../../src/operator/stream/hub.ts';
import { Fleet } from '../../../../src/operator/vms/fleet.ts';
import type { Vm } from '../../../../src/operator/vms/vm.ts';
import type { Informer } from '../../../../src/runtime/kube.ts';
import { FakeClock } from '../../../support/fake-clock.ts';
import { recordingLogger } from '../../../support/recording-logger.ts';
import { aFunction, aPool } from '../../support/objects.ts';
import { aVm } from '../../support/vms.ts';

const APPLICATION = 'shop/hello@pools/node';
const POOL = aPool();
const NEW = poolRevision(POOL.spec);

let clock: FakeClock;
let fleet: Fleet;
let demand: DemandBook;
let scaler: Scaler;
let drained: string[];

beforeEach(() => {
  clock = new FakeClock(1_000_000);
  fleet = new Fleet(clock);
  demand = new DemandBook();
  drained = [];
  const registry = new ApplicationRegistry();
  const informer = { get: () => POOL } as unknown as Informer<OsvPool>;
  const options = { registry, fleet, demand, clock, hub: new Hub(), log: recordingLogger([]) };
  scaler = new Scaler({
    ...options,
    binder: { bind } as never,
    drainer: { drain: (vm: Vm) => drained.push(vm.key) } as never,
    pools: createPools(fleet, informer, { wanted: () => undefined, isReserved: () => true }),
    observeBind: () => undefined,
  });
  fleet.on(() => {
    scaler.touch(APPLICATION);
  });
  const fn = aFunction({}, { poolRef: { name: 'node', namespace: 'pools' } });
  const { handler, signature } = fn.spec;
  const resolved = {
    name: 'hello',
    handler,
    signature,
    timeoutMs: 1,
    digest: 'd',
    files: [],
    env: {},
  };
  registry.put(fn, resolved);
  demand.connected('gateway', clock.now());
  scaler.start();
});

/** A bind that takes a turn of the event loop, as a real one does. */
async function bind(vm: Vm, bundle: Bundle): Promise<BindOutcome> {
  const { application, revision, slots } = bundle;
  const binding = { application, revision, slots, boundAt: clock.now(), functions: [] };
  fleet.move(vm.key, ['generic'], 'binding', { binding });
  await Promise.resolve();
  const bound = fleet.move(vm.key, ['binding'], 'bound');
  return bound === undefined
    ? { kind: 'failed', reason: 'VmGone', detail: '' }
    : { kind: 'bound', vm: bound, phases: {} };
}

function generics(count: number, poolRevisionOf: string): void {
  for (let index = 0; index < count; index += 1) {
    const name = `${poolRevisionOf}-${index}`;
    const vm = { key: `pools/${name}`, name, vmId: name, poolRevision: poolRevisionOf };
    fleet.put(aVm({ ...vm, stage: 'generic', address: '10.0.0.1:8080' }));
  }
}

async function requestsWait(waiting: number): Promise<void> {
  const application = {
    application: APPLICATION,
    inFlight: 0,
    waiting,
    oldestWaitMs: 0,
    arrivals: 1,
  };
  demand.record('gateway', [{ ...application, serviceMs: 0 }], true, clock.now());
  scaler.touch(APPLICATION);
  await clock.settle();
}

const bound = (): string[] =>
  fleet
    .ofApplication(APPLICATION)
    .filter((vm) => vm.stage === 'bound')
    .map((vm) => vm.name);

describe('one request while an image rolls', () => {
  test('takes one VM of the old image, not one after the other', async () => {
    generics(5, 'old');
    await requestsWait(1);
    expect(bound()).toEqual(['old-0']);
    // It is to be renewed as soon as a VM of the new image is up.
    expect(scaler.unmetOf('pools/node')).toBe(1);
  });

  test('takes one of the new image where there is one', async () => {
    generics(2, 'old');
    generics(1, NEW);
    await requestsWait(1);
    expect(bound()).toEqual([`${NEW}-0`]);
    expect(scaler.unmet(APPLICATION)).toBe(0);
  });

  test('gets a VM of the new image later, and the old one goes', async () => {
    generics(5, 'old');
    await requestsWait(1);
    generics(2, NEW);
    scaler.serveWaiting('pools/node');
    await clock.settle();
    expect(bound()).toEqual(['old-0', `${NEW}-0`]);
    expect(drained).toContain('pools/old-0');
    expect(scaler.unmet(APPLICATION)).toBe(0);
  });
});

test('a burst takes VMs of any image', async () => {
  generics(3, 'old');
  generics(1, NEW);
  await requestsWait(50);
  expect(bound()).toEqual([`${NEW}-0`, 'old-0', 'old-1', 'old-2']);
});
