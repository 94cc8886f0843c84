import { describe, expect, test } from '@jest/globals';
import { routesOf } from '../../../src/adapters/gateway/routes.ts';
import { deriveToken, readTokenKey } from '../../../src/adapters/tokens.ts';
import type { Function } from '../../../src/api/types.ts';
import type { Informer, InformerEvent } from '../../../src/runtime/kube.ts';
import { createHmac } from 'node:crypto';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { onCleanup } from './support/gateway.ts';
import { eventually, pause } from './support/wait.ts';

function fn(name: string, generation = 1): Function {
  return {
    metadata: { namespace: 'ns', name, uid: name, generation },
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
    source.subscribe((routes) => seen.push(routes.map(({ key }) => key)));
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

describe('tokens', () => {
  test('are an HMAC over VM and application', () => {
    const key = Buffer.alloc(32, 7);
    const expected = createHmac('sha256', key).update('vm|a/b@c/d').digest('base64url');
    expect(deriveToken(key, 'vm', 'a/b@c/d')).toBe(expected);
    expect(deriveToken(key, 'vm', 'a/b@c/e')).not.toBe(expected);
  });

  test('the key is the file without the newline that editors add; short ones are refused', async () => {
    const folder = await mkdtemp(join(tmpdir(), 'osv-faas-key-'));
    onCleanup(() => rm(folder, { recursive: true, force: true }));
    const file = join(folder, 'key');
    await writeFile(file, `${'k'.repeat(32)}\n`);
    expect(readTokenKey(file).toString()).toBe('k'.repeat(32));
    await writeFile(file, 'short');
    expect(() => readTokenKey(file)).toThrow(/at least 32 bytes, got 5/);
    expect(() => readTokenKey(join(folder, 'none'))).toThrow(/cannot be read/);
  });
});
