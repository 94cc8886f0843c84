import { beforeEach, describe, expect, test } from '@jest/globals';
import type { FunctionLoad } from '../../../../src/api/agent-protocol.ts';
import type { Function, FunctionSpec } from '../../../../src/api/types.ts';
import {
  ApplicationRegistry,
  type ApplicationRecord,
} from '../../../../src/operator/applications/registry.ts';
import type { ResolvedFunction } from '../../../../src/operator/bind/bundle.ts';
import { aFunction } from '../../support/objects.ts';

const WEB = 'shop/web@shop/node';
let registry: ApplicationRegistry;
let told: string[];

beforeEach(() => {
  registry = new ApplicationRegistry();
  told = [];
  registry.on((id) => told.push(id));
});

function fn(name: string, spec: Partial<FunctionSpec> = {}): Function {
  return aFunction({ name }, { application: 'web', ...spec });
}

function code(name: string, text: string): ResolvedFunction {
  return {
    name,
    handler: 'index.default',
    signature: 'Auto',
    timeoutMs: 60_000,
    digest: `sha256:${text}`,
    files: [{ path: 'index.js', content: Buffer.from(text) }],
    env: {},
  };
}

function put(name: string, text: string, spec: Partial<FunctionSpec> = {}): ApplicationRecord {
  registry.put(fn(name, spec), code(name, text));
  return record();
}

function record(id = WEB): ApplicationRecord {
  const found = registry.get(id);
  if (found === undefined) throw new Error(`no ${id}`);
  return found;
}

const failed = (name: string): FunctionLoad[] => [
  { name, state: 'failed', reason: 'SyntaxError', detail: 'line 1' },
];

describe('what an application is made of', () => {
  test('one Function', () => {
    const { id, pool, bundle, settings, members } = put('cart', 'a');
    expect({ id, pool }).toEqual({ id: WEB, pool: 'shop/node' });
    expect(bundle.functionsJson).toContain('"cart"');
    expect(settings.slots).toBe(16);
    expect([...members.keys()]).toEqual(['shop/cart']);
    expect(registry.all()).toHaveLength(1);
    expect(told).toEqual([WEB]);
  });

  test('several: one bundle, whatever the order in which they were seen', () => {
    put('cart', 'a');
    const { revision } = put('pay', 'b').bundle;
    const other = new ApplicationRegistry();
    other.put(fn('pay'), code('pay', 'b'));
    other.put(fn('cart'), code('cart', 'a'));
    expect(other.get(WEB)?.bundle.revision).toBe(revision);
  });

  test('a Function that goes leaves the others with a bundle of their own', () => {
    const { revision } = put('cart', 'a').bundle;
    put('pay', 'b');
    registry.remove('shop/pay');
    expect(record().bundle.revision).toBe(revision);
    expect(registry.isClaimed(WEB)).toBe(true);
  });

  test('the last one takes the application with it', () => {
    put('cart', 'a');
    registry.remove('shop/cart');
    expect(registry.get(WEB)).toBeUndefined();
    expect(registry.isClaimed(WEB)).toBe(false);
    expect(told).toEqual([WEB, WEB]);
  });

  test('one that nobody knows goes without harm', () => {
    registry.remove('shop/nobody');
    expect(told).toEqual([]);
  });

  test('scaling changes are told though the code is the same', () => {
    const before = put('cart', 'a');
    const scaling = { ...aFunction().spec.scaling, min: 3 };
    const after = put('cart', 'a', { scaling });
    expect(after.bundle.revision).toBe(before.bundle.revision);
    expect(after.settings.min).toBe(3);
    expect(told).toHaveLength(2);
  });

  test('what is the same as before is not told', () => {
    put('cart', 'a');
    const { bundle } = put('cart', 'a');
    expect(put('cart', 'a').bundle.revision).toBe(bundle.revision);
    expect(told).toEqual([WEB]);
  });

  test('another pool is another application: the old one loses it', () => {
    put('cart', 'a');
    registry.put(fn('cart', { poolRef: { name: 'big' } }), code('cart', 'a'));
    expect(registry.get(WEB)).toBeUndefined();
    expect(record('shop/web@shop/big').members.size).toBe(1);
    expect(told).toContain(WEB);
  });
});

describe('a Function that cannot be served', () => {
  const why = { reason: 'NamespaceNotAllowed', detail: 'not here', evict: true };

  test('says why, and its application is claimed though there is no record', () => {
    registry.block(fn('cart'), why);
    expect(registry.blockedBy(WEB)).toEqual(why);
    expect(registry.get(WEB)).toBeUndefined();
    expect(registry.isClaimed(WEB)).toBe(true);
    expect(told).toEqual([WEB]);
  });

  test('leaves what it served before', () => {
    put('cart', 'a');
    const { revision } = put('pay', 'b').bundle;
    registry.block(fn('pay'), why);
    expect([...record().members.keys()]).toEqual(['shop/cart']);
    expect(record().bundle.revision).not.toBe(revision);
  });

  test('comes back', () => {
    registry.block(fn('cart'), why);
    put('cart', 'a');
    expect(registry.blockedBy(WEB)).toBeUndefined();
    expect(record().members.size).toBe(1);
  });

  test('the same reason again is not told, another is', () => {
    registry.block(fn('cart'), why);
    registry.block(fn('cart'), { ...why });
    expect(told).toEqual([WEB]);
    registry.block(fn('cart'), { ...why, reason: 'PoolNotFound' });
    expect(told).toEqual([WEB, WEB]);
  });

  test('goes', () => {
    registry.block(fn('cart'), why);
    registry.block(fn('pay'), why);
    registry.remove('shop/cart');
    expect(registry.isClaimed(WEB)).toBe(true);
    registry.remove('shop/pay');
    expect(registry.isClaimed(WEB)).toBe(false);
  });
});

describe('a revision that does not load never replaces one that does', () => {
  test('the first one may be broken: there is none to go back to', () => {
    const { revision } = put('cart', 'a').bundle;
    expect(registry.reject(WEB, revision, failed('cart'))).toBe(false);
    expect(record().bundle.revision).toBe(revision);
  });

  test('a later one is put back to the one that loaded', () => {
    const good = put('cart', 'a').bundle.revision;
    registry.confirm(WEB, good);
    const bad = put('cart', 'b').bundle.revision;
    expect(registry.reject(WEB, bad, failed('cart'))).toBe(true);
    expect(record().bundle.revision).toBe(good);
    expect(record().rejection).toEqual({ revision: bad, functions: failed('cart') });
  });

  test('one that loaded in some VM and fails in another is no worse than itself', () => {
    const { revision } = put('cart', 'a').bundle;
    registry.confirm(WEB, revision);
    expect(registry.reject(WEB, revision, failed('cart'))).toBe(false);
  });

  test('what was said of a revision that is no longer wanted comes too late', () => {
    const first = put('cart', 'a').bundle.revision;
    put('cart', 'b');
    registry.confirm(WEB, first);
    expect(record().good).toBeUndefined();
    expect(registry.reject(WEB, first, failed('cart'))).toBe(false);
    registry.confirm('x/y@p/q', first);
    expect(registry.reject('x/y@p/q', first, failed('cart'))).toBe(false);
  });

  test('to say it twice changes nothing', () => {
    const { revision } = put('cart', 'a').bundle;
    registry.confirm(WEB, revision);
    const before = record();
    registry.confirm(WEB, revision);
    expect(record()).toBe(before);
  });

  describe('after a rejection', () => {
    let good: string;

    beforeEach(() => {
      good = put('cart', 'a').bundle.revision;
      registry.confirm(WEB, good);
      registry.reject(WEB, put('cart', 'b').bundle.revision, failed('cart'));
    });

    test('the same code again, as every re-reading gives it, is not tried again', () => {
      expect(put('cart', 'b').bundle.revision).toBe(good);
      expect(record().rejection?.functions).toEqual(failed('cart'));
    });

    test('other code is tried', () => {
      expect(put('cart', 'c').bundle.revision).not.toBe(good);
      expect(record().rejection).toBeUndefined();
    });

    test('the good code, put back by its owner, is no longer called rejected', () => {
      expect(put('cart', 'a').bundle.revision).toBe(good);
      expect(record().rejection).toBeUndefined();
    });

    test('the good one is still known when the next is bad as well', () => {
      const bad = put('cart', 'c').bundle.revision;
      expect(registry.reject(WEB, bad, failed('cart'))).toBe(true);
      expect(record().bundle.revision).toBe(good);
    });
  });
});

describe('a bundle that no agent takes', () => {
  const why = { reason: 'ManifestTooLarge', detail: '2 MiB' };

  test('stops the application where none was good before', () => {
    registry.refuse(WEB, put('cart', 'a').bundle.revision, why);
    expect(record().blocked).toEqual(why);
    expect(told).toHaveLength(2);
  });

  test('is not tried again while it is the same', () => {
    registry.refuse(WEB, put('cart', 'a').bundle.revision, why);
    expect(put('cart', 'a').blocked).toEqual(why);
    expect(put('cart', 'b').blocked).toBeUndefined();
  });

  test('leaves the one that loaded in service, as one that does not load', () => {
    const good = put('cart', 'a').bundle.revision;
    registry.confirm(WEB, good);
    const bad = put('cart', 'b').bundle.revision;
    registry.refuse(WEB, bad, why);
    expect(record().blocked).toBeUndefined();
    expect(record().bundle.revision).toBe(good);
    expect(record().rejection).toEqual({
      revision: bad,
      functions: [{ name: 'cart', state: 'failed', ...why }],
    });
  });

  test('that is no longer wanted stops nothing', () => {
    const { revision } = put('cart', 'a').bundle;
    put('cart', 'b');
    registry.refuse(WEB, revision, why);
    expect(record().blocked).toBeUndefined();
  });
});
