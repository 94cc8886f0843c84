import { beforeEach, expect, test } from '@jest/globals';
import type { Function } from '../../../../src/api/types.ts';
import { Sources } from '../../../../src/operator/functions/sources.ts';
import type { Informer, KubeObject } from '../../../../src/runtime/kube.ts';
import { aFunction } from '../../support/objects.ts';

const fn = (generation = 1, uid = 'u'): Function =>
  aFunction(
    { uid, generation },
    {
      envFrom: [{ secretRef: { name: 'keys', optional: false } }],
      source: { configMap: { name: 'code' } },
    },
  );

let versions: Map<string, string>;
let reads: number;
let fails: boolean;
let sources: Sources;

function informer(kind: string): Informer<KubeObject> {
  return {
    synced: Promise.resolve(),
    start: () => undefined,
    list: () => [],
    byIndex: () => [],
    on: () => undefined,
    get: (key) => {
      const resourceVersion = versions.get(`${kind} ${key}`);
      return resourceVersion === undefined ? undefined : { metadata: { resourceVersion } };
    },
  };
}

beforeEach(() => {
  versions = new Map([
    ['ConfigMap shop/code', '7'],
    ['Secret shop/keys', '8'],
  ]);
  reads = 0;
  fails = false;
  sources = new Sources(
    ({ metadata: { name } }) => {
      reads += 1;
      if (fails) return Promise.reject(new Error('no'));
      const code = {
        handler: 'index.default',
        signature: 'Auto',
        timeoutMs: 1,
        digest: 'd',
      } as const;
      return Promise.resolve({ name, ...code, files: [], env: {} });
    },
    { ConfigMap: informer('ConfigMap'), Secret: informer('Secret') },
  );
});

test('what has not changed is read once, and is the same object', async () => {
  const first = await sources.of(fn());
  expect(await sources.of(fn())).toBe(first);
  expect(reads).toBe(1);
});

test.each<{ what: string; change: () => Function }>([
  { what: 'a new generation', change: () => fn(2) },
  { what: 'another Function of that name', change: () => fn(1, 'v') },
  {
    what: 'a change of a ConfigMap',
    change: () => (versions.set('ConfigMap shop/code', '9'), fn()),
  },
  { what: 'a change of a Secret', change: () => (versions.set('Secret shop/keys', '9'), fn()) },
  { what: 'a Secret that went', change: () => (versions.delete('Secret shop/keys'), fn()) },
  { what: 'being forgotten', change: () => (sources.forget('shop/hello'), fn()) },
])('$what: read again', async ({ change }) => {
  await sources.of(fn());
  await sources.of(change());
  expect(reads).toBe(2);
});

test('objects that it does not name do not matter', async () => {
  await sources.of(fn());
  versions.set('Secret shop/others', '9').set('ConfigMap bank/code', '9');
  await sources.of(fn());
  expect(reads).toBe(1);
});

test('a failure is not remembered', async () => {
  fails = true;
  await expect(sources.of(fn())).rejects.toThrow('no');
  fails = false;
  await sources.of(fn());
  expect(reads).toBe(2);
});
