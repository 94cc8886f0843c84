import { describe, expect, test } from '@jest/globals';
import { routesOf } from '../../../src/adapters/gateway/routes.ts';
import { readTokens, tokensOf } from '../../../src/adapters/tokens.ts';
import type { Function } from '../../../src/api/types.ts';
import type { Informer, InformerEvent } from '../../../src/runtime/kube.ts';
import { createHmac } from 'node:crypto';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { onCleanup } from './support/gateway.ts';
import { eventually, pause } from './support/wait.ts';

function fn(name: string, generation = 1, resourceVersion = '1'): Function {
  return {
    metadata: { namespace: 'ns', name, uid: name, generation, resourceVersion },
    spec: { poolRef: { name: 'node' }, timeoutSeconds: 1 },
  } as unknown as Function;
}

/** A cache that the test fills. */
class FakeInformer {
  readonly objects = new Map<string, Function>();
  handler: (event: InformerEvent<Function>) => void = () => undefined;
  sync: () => void = () => undefined;
  readonly synced = new Promise<void>((resolve) => (this.sync = resolve));

  list(): Function[] {
    return [...this.objects.values()];
  }

  on(handler: (event: InformerEvent<Function>) => void): void {
    this.handler = handler;
  }

  put(object: Function): void {
    const previous = this.objects.get(object.metadata.name);
    this.objects.set(object.metadata.name, object);
    this.handler(
      previous === undefined ? { type: 'added', object } : { type: 'updated', object, previous },
    );
  }
}

describe('routesOf', () => {
  test('follows the Functions, once for what changes together, and not for a status', async () => {
    const informer = new FakeInformer();
    const source = routesOf(informer as unknown as Informer<Function>);
    const seen: string[][] = [];
    source.subscribe({
      changed: (routes) => seen.push(routes.map(({ key }) => key)),
      reached: () => undefined,
    });
    expect([source.synced, seen]).toEqual([false, [[]]]);
    informer.put(fn('a'));
    informer.put(fn('b'));
    informer.sync();
    await eventually(() => source.synced, 'it is synced');
    await pause(10);
    expect(seen.at(-1)).toEqual(['ns/a', 'ns/b']);
    const before = seen.length;
    informer.put(fn('a'));
    await pause(10);
    expect(seen.length).toBe(before);
    informer.put(fn('a', 2));
    await eventually(() => seen.length === before + 1, 'a new generation is seen');
  });
});

describe('which changes the routes follow', () => {
  /** In the order told: how many routes, and up to which version they follow. */
  function follow(informer: FakeInformer): string[] {
    const told: string[] = [];
    routesOf(informer as unknown as Informer<Function>).subscribe({
      changed: (routes) => told.push(`${routes.length} routes`),
      reached: (version) => told.push(version),
    });
    return told;
  }

  test('is told after the routes, also for a change that moves none', async () => {
    const informer = new FakeInformer();
    const told = follow(informer);
    expect(told).toEqual(['0 routes']);
    informer.put(fn('a', 1, '7'));
    await eventually(() => told.length === 3, 'an object is told');
    informer.put(fn('a', 1, '12'));
    await eventually(() => told.length === 4, 'its status is told');
    expect(told).toEqual(['0 routes', '1 routes', '7', '12']);
  });

  test('is the newest of a list, whatever its order; 9 is older than 10', async () => {
    const informer = new FakeInformer();
    const told = follow(informer);
    for (const [name, version] of [
      ['a', '9'],
      ['b', '10'],
      ['c', '2'],
    ] as const) {
      informer.put(fn(name, 1, version));
    }
    await eventually(() => told.length > 1, 'they are told');
    expect(told.slice(1)).toEqual(['3 routes', '10']);
  });

  test('is told to whoever listens later', async () => {
    const informer = new FakeInformer();
    const source = routesOf(informer as unknown as Informer<Function>);
    informer.put(fn('a', 1, '5'));
    await pause(10);
    const told: string[] = [];
    source.subscribe({
      changed: (routes) => told.push(...routes.map(({ key }) => key)),
      reached: (version) => told.push(version),
    });
    expect(told).toEqual(['ns/a', '5']);
  });
});

describe('tokens', () => {
  test('are an HMAC over VM and application', () => {
    const key = Buffer.alloc(32, 7);
    const expected = createHmac('sha256', key).update('vm|a/b@c/d').digest('base64url');
    const { tokenOf } = tokensOf(key);
    expect(tokenOf('vm', 'a/b@c/d')).toBe(expected);
    expect(tokenOf('vm', 'a/b@c/e')).not.toBe(expected);
  });

  test('of VMs that were bound with the key before are made with that key', () => {
    const [one, two, three] = [7, 8, 9].map((byte) => tokensOf(Buffer.alloc(32, byte)));
    const changed = tokensOf(Buffer.alloc(32, 8), Buffer.alloc(32, 7));
    const token = (of: typeof one, keyId?: string): string => of?.tokenOf('vm', 'a', keyId) ?? '';
    expect(changed.keyId).toBe(two?.keyId);
    expect(token(changed, one?.keyId)).toBe(token(one));
    expect(token(changed)).toBe(token(two));
    // Nobody can make those: the agent will say so.
    expect(token(changed, three?.keyId)).toBe(token(two));
    expect([one, two, three].map((of) => changed.knows(of?.keyId ?? ''))).toEqual([
      true,
      true,
      false,
    ]);
  });

  test('the key is the file without the newline that editors add; short ones are refused', async () => {
    const folder = await mkdtemp(join(tmpdir(), 'osv-faas-key-'));
    onCleanup(() => rm(folder, { recursive: true, force: true }));
    const file = join(folder, 'key');
    await writeFile(file, `${'k'.repeat(32)}\n`);
    const { keyId } = tokensOf(Buffer.from('k'.repeat(32)));
    expect(readTokens({ tokenKeyFile: file }).keyId).toBe(keyId);
    const short = join(folder, 'short');
    await writeFile(short, 'short');
    for (const previousTokenKeyFile of [short, join(folder, 'none')]) {
      const rule = previousTokenKeyFile === short ? /at least 32 bytes, got 5/ : /cannot be read/;
      expect(() => readTokens({ tokenKeyFile: previousTokenKeyFile })).toThrow(rule);
      expect(() => readTokens({ tokenKeyFile: file, previousTokenKeyFile })).toThrow(rule);
    }
  });
});
