import { beforeEach, expect, test } from '@jest/globals';
import type { Vmi } from '../../../../src/api/kubevirt.ts';
import type { OsvPool } from '../../../../src/api/types.ts';
import { Reservations } from '../../../../src/operator/pools/reservations.ts';
import { Fleet } from '../../../../src/operator/vms/fleet.ts';
import type { Vm } from '../../../../src/operator/vms/vm.ts';
import type { Informer, KubeClient } from '../../../../src/runtime/kube.ts';
import { FakeClock } from '../../../support/fake-clock.ts';
import { aPool } from '../../support/objects.ts';
import { aVm } from '../../support/vms.ts';

const KEY = 'pools/node';

let clock: FakeClock;
let fleet: Fleet;
let found: readonly string[] | undefined;
let written: string[];
/** What becomes of the next writes; none: they succeed. */
let ends: (() => Promise<void>)[];
let granted: number;
let waiting: number;
let reservations: Reservations;

beforeEach(() => {
  clock = new FakeClock(1_000_000);
  fleet = new Fleet(clock);
  found = [];
  written = [];
  ends = [];
  granted = 0;
  waiting = 0;
  const pool = (): OsvPool => {
    const status = found === undefined ? {} : { reserved: [...found] };
    return { ...aPool({}, { finalizers: ['faas.osv.io/cleanup'] }), status };
  };
  const client = {
    patch: async (_ref: unknown, patch: { status: { reserved: string[] } }) => {
      written.push(patch.status.reserved.join(' '));
      await ends.shift()?.();
    },
  } as unknown as KubeClient;
  reservations = new Reservations({
    ...{ client, fleet, clock },
    pools: { get: pool, list: () => [pool()] } as unknown as Informer<OsvPool>,
    vmis: { get: () => undefined } as unknown as Informer<Vmi>,
    ranked: () => fleet.ofPool(KEY),
    waiting: () => waiting,
    granted: () => (granted += 1),
  });
});

function put(...names: string[]): Vm[] {
  return names.map((name) => {
    const ids = { key: `pools/${name}`, name, vmId: `id-${name}` };
    return fleet.put(aVm({ ...ids, stage: 'generic' }));
  });
}

function usable(): string {
  return fleet
    .ofPool(KEY)
    .filter((vm) => reservations.isReserved(vm))
    .map((vm) => vm.name)
    .toSorted()
    .join(' ');
}

test('a VM may be bound when the list that names it is written, not before', async () => {
  const write = Promise.withResolvers<undefined>();
  ends = [() => write.promise];
  reservations.begin();
  put('a', 'b', 'c');
  const pass = reservations.reconcile(KEY);
  expect(usable()).toBe('');
  write.resolve(undefined);
  await pass;
  expect([usable(), granted, written]).toEqual(['a b', 1, ['a b']]);
});

test('after a write whose end is not known it is written again', async () => {
  reservations.begin();
  put('a', 'b');
  ends = [() => Promise.reject(new Error('timeout'))];
  await expect(reservations.reconcile(KEY)).rejects.toThrow('timeout');
  expect(usable()).toBe('');
  await reservations.reconcile(KEY);
  expect([usable(), written]).toEqual(['a b', ['a b', 'a b']]);
});

test('at rest nothing is written', async () => {
  reservations.begin();
  put('a', 'b', 'c');
  for (let pass = 0; pass < 5; pass += 1) await reservations.reconcile(KEY);
  expect(written).toEqual(['a b']);
});

test('what an operator before this one has listed may hold code; nothing is known before the caches are filled', () => {
  found = ['a'];
  const [a, b] = put('a', 'b') as [Vm, Vm];
  expect(reservations.mayHoldCode(a)).toBeUndefined();
  reservations.begin();
  expect([reservations.mayHoldCode(a), reservations.mayHoldCode(b)]).toEqual([true, false]);
});

test('without a list any VM that is there may hold code, and one that comes later does not', () => {
  found = undefined;
  const [a] = put('a') as [Vm];
  reservations.begin();
  const [b] = put('b') as [Vm];
  expect([reservations.mayHoldCode(a), reservations.mayHoldCode(b)]).toEqual([true, false]);
});

test('the list grows with binds and shrinks a minute after the last', async () => {
  reservations.begin();
  put('a', 'b', 'c', 'd', 'e');
  for (const bound of ['a b', 'c d']) {
    await reservations.reconcile(KEY);
    for (const name of bound.split(' ')) fleet.move(`pools/${name}`, ['generic'], 'binding');
  }
  put('f', 'g', 'h');
  expect(await reservations.reconcile(KEY)).toEqual({ requeueAfterMs: 60_000 });
  expect(usable()).toBe('a b c d e f g h');
  for (const name of ['a', 'b', 'c', 'd']) fleet.remove(`pools/${name}`);
  await clock.advance(60_000);
  expect(await reservations.reconcile(KEY)).toEqual({});
  expect(usable()).toBe('e f');
  expect(written).toHaveLength(4);
});

test('for what a VM can give once it is listed, none is started', async () => {
  reservations.begin();
  put('a', 'b', 'c');
  waiting = 5;
  expect(reservations.missing(KEY)).toBe(2);
  await reservations.reconcile(KEY);
  expect(usable()).toBe('a b c');
  // Now all of them are about to be bound, and those that wait then have none.
  waiting = 2;
  expect(reservations.missing(KEY)).toBe(2);
});

test('a VM that may have code stays on the list until it is gone', async () => {
  reservations.begin();
  put('a', 'b', 'c', 'd');
  await reservations.reconcile(KEY);
  fleet.move('pools/a', ['generic'], 'binding');
  fleet.move('pools/a', ['binding'], 'deleting', { reason: 'BindFailed' });
  await clock.advance(60_000);
  await reservations.reconcile(KEY);
  expect(written.at(-1)).toBe('a b c');
  fleet.remove('pools/a');
  await reservations.reconcile(KEY);
  expect(written.at(-1)).toBe('b c');
});

test('so does one that an operator before this one has listed, and that does not answer', async () => {
  found = ['x'];
  reservations.begin();
  fleet.put(aVm({ key: 'pools/x', name: 'x', vmId: 'id-x', stage: 'starting' }));
  put('a', 'b', 'c');
  await reservations.reconcile(KEY);
  expect(written).toEqual(['a b x']);
  await reservations.end();
  expect(written.at(-1)).toBe('x');
});

test('a clean end frees what was not bound, and nothing is bound after it', async () => {
  reservations.begin();
  put('a', 'b');
  await reservations.reconcile(KEY);
  fleet.move('pools/a', ['generic'], 'binding');
  await reservations.end();
  expect(written.at(-1)).toBe('a');
  await reservations.reconcile(KEY);
  expect(reservations.isReserved(aVm({ name: 'b' }))).toBe(false);
});
