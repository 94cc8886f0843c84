import { beforeEach, expect, test } from '@jest/globals';
import type { Function } from '../../../../src/api/types.ts';
import { Sources } from '../../../../src/operator/functions/sources.ts';
import type { Informer, KubeObject } from '../../../../src/runtime/kube.ts';
import { SourceProblem } from '../../../../src/operator/sources/problem.ts';
import { FakeClock } from '../../../support/fake-clock.ts';
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
let fails: Error | undefined;
let hangs: PromiseWithResolvers<undefined> | undefined;
let signal: AbortSignal;
let over: string[];
let clock: FakeClock;
let sources: Sources;

function informer(kind: string): Informer<KubeObject> {
  return {
    synced: Promise.resolve(),
    problem: undefined,
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
  fails = undefined;
  hangs = undefined;
  over = [];
  clock = new FakeClock();
  sources = new Sources({
    resolve: async ({ metadata: { name } }, stop) => {
      reads += 1;
      signal = stop;
      await hangs?.promise;
      if (fails !== undefined) throw fails;
      const code = {
        handler: 'index.default',
        signature: 'Auto',
        timeoutMs: 1,
        digest: 'd',
      } as const;
      return { name, ...code, files: [], env: {} };
    },
    objects: { ConfigMap: informer('ConfigMap'), Secret: informer('Secret') },
    clock,
    over: (key) => over.push(key),
  });
});

test('what has not changed is read once, and is the same object', async () => {
  const first = await sources.of(fn());
  expect(first).toHaveProperty('resolved');
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

test('an error of the API server is no word about the source: asked again at once', async () => {
  fails = new Error('no');
  await expect(sources.of(fn())).rejects.toThrow('no');
  fails = undefined;
  expect(await sources.of(fn())).toHaveProperty('resolved');
  expect(reads).toBe(2);
});

test('what failed is tried again after a pause that grows, or when something has changed', async () => {
  fails = new SourceProblem('DownloadFailed', 'away');
  const pauses: number[] = [];
  for (let round = 0; round < 4; round += 1) {
    const state = await sources.of(fn());
    expect(await sources.of(fn())).toMatchObject({
      problem: { reason: 'DownloadFailed', detail: 'away' },
    });
    expect(reads).toBe(round + 1);
    const { retryAfterMs: pause = 0 } = state;
    pauses.push(pause);
    await clock.advance(pause);
  }
  pauses.forEach((pause, round) => {
    expect(pause).toBeGreaterThanOrEqual(2_500 * 2 ** round);
    expect(pause).toBeLessThanOrEqual(5_000 * 2 ** round);
  });
  await sources.of(fn());
  fails = undefined;
  expect(await sources.of(fn())).toHaveProperty('problem');
  expect(await sources.of(fn(2))).toHaveProperty('resolved');
});

test('what takes long keeps nobody waiting, and is told when it is over', async () => {
  hangs = Promise.withResolvers();
  const first = sources.of(fn());
  await clock.advance(2_000);
  expect(await first).toEqual({ reading: true });
  expect(over).toEqual([]);
  hangs.resolve(undefined);
  await clock.advance(0);
  expect(over).toEqual(['shop/hello']);
  expect(await sources.of(fn())).toHaveProperty('resolved');
  expect(reads).toBe(1);
});

test.each([
  {
    what: 'the Function goes',
    go: () => {
      sources.forget('shop/hello');
    },
  },
  {
    what: 'it is another one now',
    go: () => {
      sources.of(fn(2)).catch(() => undefined);
    },
  },
])('it is broken off when $what, and nobody is told', async ({ go }) => {
  hangs = Promise.withResolvers();
  const first = sources.of(fn());
  await clock.advance(2_000);
  await first;
  const before = signal;
  go();
  expect(before.aborted).toBe(true);
  fails = new Error('aborted');
  hangs.resolve(undefined);
  await clock.advance(0);
  expect(over).toEqual([]);
});
