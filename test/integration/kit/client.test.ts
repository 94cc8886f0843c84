import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { KubeError } from '../../../src/adapters/kube/error.ts';
import { sharedCluster, type Cluster } from '../../support/cluster.ts';
import type { Connection } from '../../support/connect.ts';
import { TcpProxy } from '../../support/tcp-proxy.ts';
import { CONFIG_MAPS, connectThrough } from './witness.ts';

let cluster: Cluster;
let namespace: string;
let proxy: TcpProxy;
let proxied: Connection;

beforeAll(async () => {
  cluster = sharedCluster();
  namespace = await cluster.newNamespace('client');
  proxy = await TcpProxy.to(Number(new URL(cluster.transport.origin).port));
  proxied = connectThrough(cluster.kubeconfig, proxy);
});

afterAll(async () => {
  await proxied.transport.close();
  await proxy.close();
});

const ref = (name: string) => ({ resource: CONFIG_MAPS, name, namespace });

async function errorOf(work: Promise<unknown>): Promise<KubeError> {
  const error: unknown = await work.then(
    () => undefined,
    (cause: unknown) => cause,
  );
  expect(error).toBeInstanceOf(KubeError);
  return error as KubeError;
}

test('fifty calls in a row share one connection', async () => {
  for (let i = 0; i < 50; i += 1) await proxied.client.list(CONFIG_MAPS, { namespace });
  expect(proxy.connections).toBe(1);
});

test('a list longer than a page is whole', async () => {
  const names = Array.from({ length: 620 }, (_, index) => `m${String(index).padStart(3, '0')}`);
  const rest = [...names];
  const worker = async (): Promise<void> => {
    for (let name = rest.pop(); name !== undefined; name = rest.pop()) {
      await cluster.client.create(CONFIG_MAPS, {
        metadata: { name, namespace, labels: { many: 'yes' } },
      });
    }
  };
  await Promise.all(Array.from({ length: 16 }, () => worker()));
  const { items } = await cluster.client.list(CONFIG_MAPS, {
    namespace,
    labelSelector: 'many=yes',
  });
  expect(items.map(({ metadata }) => metadata.name).sort()).toEqual(names);
  expect(items[0]).toMatchObject({ apiVersion: 'v1', kind: 'ConfigMap' });
}, 60_000);

test.each([
  {
    why: 'an object that is not there',
    call: () => cluster.client.get(ref('nobody')),
    is: { status: 404, reason: 'NotFound' },
  },
  {
    why: 'a name that is taken',
    call: async () => {
      await cluster.client.create(CONFIG_MAPS, { metadata: { name: 'twice', namespace } });
      await cluster.client.create(CONFIG_MAPS, { metadata: { name: 'twice', namespace } });
    },
    is: { status: 409, reason: 'AlreadyExists' },
  },
  {
    why: 'a name that is none',
    call: () => cluster.client.create(CONFIG_MAPS, { metadata: { name: 'A', namespace } }),
    is: { status: 422, reason: 'Invalid' },
  },
])('an error says what the API server said: $why', async ({ call, is }) => {
  expect(await errorOf(call())).toMatchObject(is);
});

test('deletion of what is gone, or replaced, is done', async () => {
  await cluster.client.delete(ref('nobody'));
  await cluster.client.create(CONFIG_MAPS, { metadata: { name: 'other', namespace } });
  await cluster.client.delete(ref('other'), { uid: '00000000-0000-0000-0000-000000000000' });
  expect(await cluster.client.get(ref('other'))).toMatchObject({ metadata: { name: 'other' } });
});

test('a call to nobody ends in an error that names the call', async () => {
  proxy.cut();
  const error = await errorOf(proxied.client.get(ref('other')));
  expect(error.status).toBe(0);
  expect(error.message).toContain(`GET /api/v1/namespaces/${namespace}/configmaps/other`);
  proxy.mend();
  expect(await proxied.client.get(ref('other'))).toMatchObject({ kind: 'ConfigMap' });
});
