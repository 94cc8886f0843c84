/** Which VMs an application is given, and what becomes of them when it cannot be served. */
import { beforeEach, describe, expect, jest, test } from '@jest/globals';
import type { Demand, OperatorMessage } from '../../../../src/api/gateway-protocol.ts';
import type { OsvPool } from '../../../../src/api/types.ts';
import { poolRevision } from '../../../../src/domain/vmi/revision.ts';
import { ApplicationRegistry } from '../../../../src/operator/applications/registry.ts';
import type { BindOutcome } from '../../../../src/operator/bind/binder.ts';
import type { Bundle } from '../../../../src/operator/bind/bundle.ts';
import { createPools } from '../../../../src/operator/scale/pools.ts';
import { Scaler } from '../../../../src/operator/scale/scaler.ts';
import { DemandBook } from '../../../../src/domain/scaling/demand-book.ts';
import { EndpointPublisher } from '../../../../src/operator/stream/endpoint-publisher.ts';
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
const FN = aFunction({}, { poolRef: { name: 'node', namespace: 'pools' } });
const RESOLVED = {
  name: 'hello',
  handler: FN.spec.handler,
  signature: FN.spec.signature,
  timeoutMs: 1,
  digest: 'd',
  files: [],
  env: {},
};

let clock: FakeClock;
let fleet: Fleet;
let demand: DemandBook;
let scaler: Scaler;
let registry: ApplicationRegistry;
let publisher: EndpointPublisher;
let drained: string[];
let tokens: { keyId: string };

beforeEach(() => {
  clock = new FakeClock(1_000_000);
  fleet = new Fleet(clock);
  demand = new DemandBook();
  drained = [];
  tokens = { keyId: 'k1' };
  registry = new ApplicationRegistry();
  publisher = new EndpointPublisher();
  const informer = { get: () => POOL } as unknown as Informer<OsvPool>;
  const options = {
    registry,
    fleet,
    demand,
    clock,
    publisher,
    log: recordingLogger([]),
  };
  scaler = new Scaler({
    ...options,
    tokens,
    binder: { bind } as never,
    drainer: {
      start: () => undefined,
      drain: (vm: Vm) => {
        if (fleet.move(vm.key, ['bound'], 'draining') !== undefined) drained.push(vm.key);
      },
    } as never,
    pools: createPools(fleet, informer, {
      backlogChanged: () => undefined,
      isReserved: () => true,
    }),
    observeBind: () => undefined,
    teller: { application: () => undefined },
  });
  fleet.on(() => {
    scaler.touch(APPLICATION);
  });
  registry.put(FN, RESOLVED);
  registry.on((id) => {
    scaler.touch(id);
  });
  demand.connected('gateway', clock.now());
  scaler.start();
});

/** A bind that takes a turn of the event loop, as a real one does. */
async function bind(vm: Vm, bundle: Bundle): Promise<BindOutcome> {
  const { application, revision, slots } = bundle;
  const binding = {
    application,
    revision,
    slots,
    tokenKey: tokens.keyId,
    boundAt: clock.now(),
    functions: [],
  };
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
    expect(scaler.backlog.ofPool('pools/node')).toBe(1);
  });

  test('takes one of the new image where there is one', async () => {
    generics(2, 'old');
    generics(1, NEW);
    await requestsWait(1);
    expect(bound()).toEqual([`${NEW}-0`]);
    expect(scaler.backlog.of(APPLICATION)).toBe(0);
  });

  test('gets a VM of the new image later, and the old one goes', async () => {
    generics(5, 'old');
    await requestsWait(1);
    generics(2, NEW);
    scaler.serveWaiting('pools/node');
    await clock.settle();
    expect(bound()).toEqual([`${NEW}-0`]);
    expect(drained).toContain('pools/old-0');
    expect(scaler.backlog.of(APPLICATION)).toBe(0);
  });
});

test('a VM that was bound with an older key of tokens is renewed', async () => {
  generics(2, NEW);
  await requestsWait(1);
  expect(bound()).toEqual([`${NEW}-0`]);
  tokens.keyId = 'k2';
  await requestsWait(1);
  expect([bound(), drained]).toEqual([[`${NEW}-1`], [`pools/${NEW}-0`]]);
});

test('a burst takes VMs of any image', async () => {
  generics(3, 'old');
  generics(1, NEW);
  await requestsWait(50);
  expect(bound()).toEqual([`${NEW}-0`, 'old-0', 'old-1', 'old-2']);
});

describe('a VM whose bind ends in a mess', () => {
  test.each(['publish', 'tellBound'] as const)('%s fails', async (method) => {
    const told = jest.spyOn(publisher, method).mockImplementationOnce(() => {
      throw new Error('unexpected');
    });
    generics(1, NEW);
    await requestsWait(1);
    expect(told).toHaveBeenCalledTimes(1);
    // Either gateways know it, or it goes: it is not counted as one that serves.
    const [vm] = fleet.ofApplication(APPLICATION);
    const serves = publisher.publishes(APPLICATION, vm?.vmId ?? '');
    expect(vm?.stage).toBe(serves ? 'bound' : 'deleting');
    expect(serves).toBe(method === 'tellBound');
  });
});

describe('an application that has VMs', () => {
  const LOAD = { inFlight: 1, waiting: 0, oldestWaitMs: 0, arrivals: 1, serviceMs: 0 };

  const level = (...applications: Demand[]): void => {
    for (const id of demand.record('gateway', applications, true, clock.now())) scaler.touch(id);
  };

  /** Every second a level, for so long. */
  async function pass(seconds: number, ...applications: Demand[]): Promise<void> {
    for (let second = 0; second < seconds; second += 1) {
      level(...applications);
      await clock.advance(1_000);
    }
  }

  const stages = (): string[] => fleet.ofApplication(APPLICATION).map((vm) => vm.stage);

  beforeEach(async () => {
    generics(1, NEW);
    await requestsWait(1);
    expect(stages()).toEqual(['bound']);
  });

  test('and goes to another pool: they are drained, not killed', async () => {
    registry.put(aFunction({}, { poolRef: { name: 'other', namespace: 'pools' } }), RESOLVED);
    await clock.settle();
    expect(stages()).toEqual(['draining']);
  });

  test('and may not use its pool any more: the same', async () => {
    registry.block(FN, { reason: 'NamespaceNotAllowed', detail: '', evict: true });
    await clock.settle();
    expect(stages()).toEqual(['draining']);
  });

  test.each(['source', 'bundle'])(
    'and a %s that is no good: they serve while they are used',
    async (what) => {
      const why = { reason: 'DownloadFailed', detail: 'none.tar answered 404' };
      if (what === 'source') registry.block(FN, why);
      else {
        // As after a restart: which revision was good is not known.
        registry.remove('shop/hello');
        registry.put(FN, { ...RESOLVED, digest: 'other' });
        registry.refuse(APPLICATION, registry.get(APPLICATION)?.bundle.revision ?? '', why);
      }
      await pass(60, { application: APPLICATION, ...LOAD });
      expect(stages()).toEqual(['bound']);
      await pass(40);
      expect(stages()).toEqual(['draining']);
    },
  );

  test('requests that wait for more are told why, and fail at once when there is none', async () => {
    const heard: OperatorMessage[] = [];
    publisher.subscribe({ name: 'gateway', send: (message) => heard.push(message) });
    const refusals = (): unknown[] =>
      heard.flatMap((one) =>
        one.type === 'refusal' ? [{ reason: one.reason, final: one.final }] : [],
      );
    registry.block(FN, { reason: 'DownloadFailed', detail: '' });
    await requestsWait(3);
    expect(refusals().at(-1)).toEqual({ reason: 'DownloadFailed', final: false });
    for (const vm of fleet.ofApplication(APPLICATION)) fleet.remove(vm.key);
    await requestsWait(3);
    expect(refusals().at(-1)).toEqual({ reason: 'DownloadFailed', final: true });
  });

  test('and no Function, as after a restart: they are drained', async () => {
    registry.remove('shop/hello');
    await clock.settle();
    expect(stages()).toEqual(['draining']);
    expect(clock.pending).toBe(0);
  });
});
