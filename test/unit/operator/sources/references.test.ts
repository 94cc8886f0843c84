import { expect, test } from '@jest/globals';
import { objectReader } from '../../../../src/operator/sources/objects.ts';
import { referencesOf, referenceText } from '../../../../src/operator/sources/references.ts';
import { resolveEnv } from '../../../../src/operator/sources/env.ts';
import type { KubeClient } from '../../../../src/runtime/kube.ts';
import { aFunction } from '../../support/objects.ts';

const fn = aFunction(
  {},
  {
    envFrom: [
      { configMapRef: { name: 'all', optional: true } },
      { secretRef: { name: 'keys', optional: true } },
    ],
    env: [
      { name: 'A', value: 'plain' },
      { name: 'B', valueFrom: { configMapKeyRef: { name: 'one', key: 'k', optional: true } } },
      { name: 'C', valueFrom: { secretKeyRef: { name: 'keys', key: 'k', optional: true } } },
    ],
  },
);

test('every object that is read is named, once', async () => {
  const read = new Set<string>();
  const client = {
    get: ({ resource, namespace, name }: Parameters<KubeClient['get']>[0]) => {
      read.add(`${resource.kind} ${namespace ?? ''}/${name}`);
      return Promise.resolve({ metadata: {} });
    },
  } as KubeClient;
  await resolveEnv(fn.spec, objectReader(client, 'shop'));
  const named = referencesOf(fn).map(referenceText);
  expect(named.toSorted()).toEqual([...read].toSorted());
  expect(named).toHaveLength(3);
});

test('code in a ConfigMap', () => {
  const references = referencesOf(aFunction({}, { source: { configMap: { name: 'code' } } }));
  expect(references).toEqual([{ kind: 'ConfigMap', key: 'shop/code' }]);
});
