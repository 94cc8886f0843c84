import { beforeEach, expect, test } from '@jest/globals';
import type { Condition } from '../../../../src/api/conditions.ts';
import type { OsvPool } from '../../../../src/api/types.ts';
import { hearLosses } from '../../../../src/operator/events/losses.ts';
import { Teller } from '../../../../src/operator/events/teller.ts';
import { Fleet } from '../../../../src/operator/vms/fleet.ts';
import type { Vm } from '../../../../src/operator/vms/vm.ts';
import { silentLogger } from '../../../../src/runtime/log.ts';
import { FakeClock } from '../../../support/fake-clock.ts';
import { aFunction, aPool } from '../../support/objects.ts';
import { aBinding, APPLICATION, aVm } from '../../support/vms.ts';

let said: string[];
let teller: Teller;
let pool: OsvPool;

beforeEach(() => {
  said = [];
  pool = aPool();
  teller = new Teller({
    recorder: {
      record: ({ kind, name }, { type, reason, note }) =>
        said.push(`${kind} ${name}: ${type} ${reason}: ${note}`),
    },
    functions: {
      byIndex: () => Array.from({ length: 12 }, (_, n) => aFunction({ name: `fn-${n}` })),
    },
    pools: { get: (key) => (key === 'pools/node' ? pool : undefined) },
    log: silentLogger,
  });
});

test('a pool and the Functions of an application hear what happens to them, ten at most', () => {
  teller.pool('pools/node', 'VmLost', 'gone');
  teller.pool('pools/other', 'VmLost', 'gone');
  teller.application(APPLICATION, 'BindFailed', 'reset');
  expect(said).toHaveLength(11);
  expect(said.slice(0, 2)).toEqual([
    'OsvPool node: Warning VmLost: gone',
    'Function fn-0: Warning BindFailed: reset',
  ]);
});

test('a status that was written says what turned, and how many VMs there are', () => {
  const ready: Condition = {
    ...{ type: 'Ready', status: 'True', reason: 'Available', message: 'm', lastTransitionTime: '' },
  };
  const fn = { ...aFunction(), status: { conditions: [ready], replicas: 1 } };
  teller.wrote('Function', fn, fn.status);
  expect(said).toEqual([]);
  const failed = { ...ready, status: 'False', reason: 'LoadFailed' } as const;
  teller.wrote('Function', fn, { conditions: [failed], replicas: 4 });
  // A cache that has not seen it yet.
  teller.wrote('Function', fn, { conditions: [failed], replicas: 4 });
  teller.wrote('OsvPool', { ...pool, status: { replicas: 1 } }, { replicas: 2 });
  expect(said).toEqual([
    'Function hello: Warning LoadFailed: m',
    'Function hello: Normal Scaled: from 1 to 4 VMs',
  ]);
});

test.each<{ vm: Partial<Vm>; serialLog: boolean; pool: string; fn?: string }>([
  { vm: {}, serialLog: true, pool: 'VmNotStarted: its guest ended; the end' },
  { vm: {}, serialLog: false, pool: 'VmNotStarted: its guest ended' },
  { vm: { stage: 'generic' }, serialLog: true, pool: 'VmLost: its guest ended; the end' },
  {
    vm: { stage: 'bound', binding: aBinding() },
    serialLog: true,
    pool: 'VmLost: its guest ended',
    fn: 'VmLost: its guest ended; the [masked]',
  },
])('what a VM of an application wrote is told to its Functions alone: %j', async (row) => {
  pool = aPool({ machine: { ...aPool().spec.machine, serialLog: row.serialLog } });
  const fleet = new Fleet(new FakeClock());
  const lastWords = hearLosses(
    {
      ...{ fleet, teller, clock: new FakeClock(), log: silentLogger },
      pools: { get: () => pool },
      registry: {
        get: () =>
          ({
            bundle: { redact: (text: string) => text.replace('the end', 'the [masked]') },
          }) as never,
      },
      readConsole: () => Promise.resolve('the end'),
    },
    () => undefined,
  );
  fleet.put(aVm(row.vm));
  fleet.update('pools/node-1', { stage: 'deleting', reason: 'GuestEnded' });
  await lastWords.heard('pools/node-1');
  expect(said[0]).toBe(`OsvPool node: Warning ${row.pool}`);
  expect(said[1]).toBe(row.fn === undefined ? undefined : `Function fn-0: Warning ${row.fn}`);
});
