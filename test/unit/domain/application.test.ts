import { describe, expect, test } from '@jest/globals';
import type { FunctionSpec } from '../../../src/api/types.ts';
import {
  applicationId,
  applicationOf,
  parseApplicationId,
  poolKey,
  settingsOf,
} from '../../../src/domain/application.ts';
import { aFunction, scaling } from '../support/objects.ts';

describe('which Functions share VMs', () => {
  const id = (name: string, namespace: string, spec: Partial<FunctionSpec> = {}): string =>
    applicationId(applicationOf(aFunction({ name, namespace }, spec)));

  test.each([
    {
      why: 'a Function that says nothing is an application of its own',
      a: id('cart', 'shop'),
      b: id('pay', 'shop'),
      share: false,
    },
    {
      why: 'the same spec.application in one namespace and pool',
      a: id('cart', 'shop', { application: 'web' }),
      b: id('pay', 'shop', { application: 'web' }),
      share: true,
    },
    {
      why: 'a Function may join the application that another one is by its name',
      a: id('cart', 'shop'),
      b: id('pay', 'shop', { application: 'cart' }),
      share: true,
    },
    {
      why: 'the same name in another namespace is another owner',
      a: id('cart', 'shop', { application: 'web' }),
      b: id('cart', 'bank', { application: 'web' }),
      share: false,
    },
    {
      why: 'VMs come from one pool',
      a: id('cart', 'shop', { application: 'web' }),
      b: id('pay', 'shop', { application: 'web', poolRef: { name: 'java' } }),
      share: false,
    },
    {
      why: 'pools of one name in two namespaces are two pools',
      a: id('cart', 'shop', { application: 'web', poolRef: { name: 'node', namespace: 'one' } }),
      b: id('pay', 'shop', { application: 'web', poolRef: { name: 'node', namespace: 'two' } }),
      share: false,
    },
    {
      why: 'a pool without namespace is the one of the own namespace',
      a: id('cart', 'shop', { application: 'web' }),
      b: id('pay', 'shop', { application: 'web', poolRef: { name: 'node', namespace: 'shop' } }),
      share: true,
    },
  ])('$why', ({ a, b, share }) => {
    expect(a === b).toBe(share);
  });
});

describe('application ids', () => {
  test('say namespace, application and pool', () => {
    const application = applicationOf(
      aFunction({ name: 'cart', namespace: 'shop' }, { poolRef: { name: 'node', namespace: 'p' } }),
    );
    expect(applicationId(application)).toBe('shop/cart@p/node');
    expect(poolKey(application)).toBe('p/node');
    expect(parseApplicationId('shop/cart@p/node')).toEqual(application);
  });

  test.each([
    { id: '', why: 'nothing' },
    { id: 'shop/cart', why: 'no pool' },
    { id: 'shop/cart@node', why: 'a pool without namespace' },
    { id: '/cart@p/node', why: 'an empty namespace' },
    { id: 'shop/cart@p/', why: 'an empty pool' },
    { id: 'shop/cart@p/node/x', why: 'a part too many' },
    { id: 'shop/cart@p/node@q', why: 'an @ too many' },
  ])('"$id" is none: $why', ({ id }) => {
    expect(parseApplicationId(id)).toBeUndefined();
  });
});

describe('what an application asks for', () => {
  const careful = aFunction({}, { concurrency: 1, ...scaling({ min: 2, max: 5 }) });
  const busy = aFunction(
    {},
    {
      concurrency: 64,
      ...scaling({ max: 50, headroom: { percent: 50 }, idle: { afterSeconds: 5 } }),
    },
  );

  test('of one Function: what it says, in milliseconds', () => {
    expect(settingsOf([busy])).toEqual({
      slots: 64,
      min: 0,
      max: 50,
      headroomPercent: 50,
      idleAfterMs: 5_000,
    });
  });

  test('of several: nobody gets less than it asked for, and none runs more often at once than it said', () => {
    const together = { slots: 1, min: 2, max: 50, headroomPercent: 50, idleAfterMs: 30_000 };
    expect(settingsOf([careful, busy])).toEqual(together);
    expect(settingsOf([busy, careful])).toEqual(together);
  });
});
