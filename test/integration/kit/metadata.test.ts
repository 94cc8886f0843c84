/** Informers of names and versions: what the objects hold is neither sent nor kept. */
import { expect, test } from '@jest/globals';
import { WatchingInformer } from '../../../src/adapters/kube/informer.ts';
import { systemClock } from '../../../src/runtime/clock.ts';
import type { KubeObject } from '../../../src/runtime/kube.ts';
import { silentLogger } from '../../../src/runtime/log.ts';
import { sharedCluster } from '../../support/cluster.ts';
import { eventually } from '../../support/local.ts';
import { CONFIG_MAPS } from './witness.ts';

test('a list and a watch of metadata only', async () => {
  const cluster = sharedCluster();
  const namespace = await cluster.newNamespace('metadata');
  const make = (name: string): Promise<KubeObject> => {
    const metadata = { name, namespace, annotations: { copy: 'SECRET' } };
    const object = { apiVersion: 'v1', kind: 'ConfigMap', metadata, data: { held: 'SECRET' } };
    return cluster.client.create<KubeObject>(CONFIG_MAPS, object);
  };
  const empty = await cluster.client.list(CONFIG_MAPS, {
    ...{ namespace, labelSelector: 'none=such', metadataOnly: true },
  });
  expect(empty.items).toEqual([]);
  const first = await make('first');
  const { transport, client } = cluster;
  const informer = new WatchingInformer({
    ...{ resource: CONFIG_MAPS, namespace, metadataOnly: true, transport, client },
    ...{ clock: systemClock, log: silentLogger },
  });
  const stop = new AbortController();
  informer.start(stop.signal);
  await informer.synced;
  const { name, uid, resourceVersion } = first.metadata;
  expect(informer.get(`${namespace}/first`)).toEqual({
    metadata: { name, namespace, uid, resourceVersion },
  });
  await make('second');
  await eventually('the watch shows it', () =>
    Promise.resolve(informer.get(`${namespace}/second`) !== undefined),
  );
  expect(JSON.stringify(informer.list())).not.toContain('SECRET');
  stop.abort();
});
