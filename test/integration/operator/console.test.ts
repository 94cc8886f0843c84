/** The end of a guest's console, from the log of its launcher pod, through the real API server. */
import { once } from 'node:events';
import { createServer, type Server } from 'node:https';
import type { AddressInfo } from 'node:net';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { consoleReader } from '../../../src/adapters/operator/console.ts';
import { Authority } from '../../../src/local/controlplane/pki/certificates.ts';
import type { KubeClient, Resource } from '../../../src/runtime/kube.ts';
import { sharedCluster, type Cluster } from '../../support/cluster.ts';
import { aVm } from '../../unit/support/vms.ts';

const NODES: Resource = { group: '', version: 'v1', plural: 'nodes', kind: 'Node' };
const PODS: Resource = { group: '', version: 'v1', plural: 'pods', kind: 'Pod' };
const NODE = 'console-node';
const UID = '0123abcd-ef45-4678-89ab-cdef01234567';

let cluster: Cluster;
let namespace: string;
let kubelet: Server;
let asked: string[];

async function startKubelet(): Promise<Server> {
  const authority = await Authority.create('kubelet', new Date());
  const { cert, key } = await authority.issue({ name: NODE, hosts: ['127.0.0.1'] }, new Date());
  const server = createServer({ cert, key }, (request, response) => {
    asked.push(request.url ?? '');
    response.end('OSv booting\npage fault outside application\n');
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  return server;
}

async function createNode(client: KubeClient, port: number): Promise<void> {
  await client.create(NODES, { apiVersion: 'v1', kind: 'Node', metadata: { name: NODE } });
  const status = {
    addresses: [{ type: 'InternalIP', address: '127.0.0.1' }],
    daemonEndpoints: { kubeletEndpoint: { Port: port } },
  };
  const ref = { resource: NODES, name: NODE };
  await client.patch(ref, { status }, { type: 'merge', subresource: 'status' });
}

beforeAll(async () => {
  asked = [];
  cluster = sharedCluster();
  namespace = await cluster.newNamespace('console');
  kubelet = await startKubelet();
  await createNode(cluster.client, (kubelet.address() as AddressInfo).port);
  const containers = ['compute', 'guest-console-log'].map((name) => ({ name, image: 'x' }));
  await cluster.client.create(PODS, {
    apiVersion: 'v1',
    kind: 'Pod',
    metadata: { name: 'launcher', namespace, labels: { 'kubevirt.io/created-by': UID } },
    spec: { nodeName: NODE, containers, automountServiceAccountToken: false },
  } as object as { metadata: object });
});

afterAll(async () => {
  await cluster.client.delete({ resource: NODES, name: NODE });
  kubelet.closeAllConnections();
  kubelet.close();
});

test('the last lines come from the launcher pod of this very VMI', async () => {
  const read = consoleReader(cluster.client, cluster.transport);
  expect(await read(aVm({ namespace, uid: UID }))).toBe(
    'OSv booting\npage fault outside application\n',
  );
  expect(asked).toEqual([
    `/containerLogs/${namespace}/launcher/guest-console-log?limitBytes=8192&tailLines=20`,
  ]);
  expect(await read(aVm({ namespace, uid: 'other' }))).toBeUndefined();
  expect(await read(aVm({ namespace }))).toBeUndefined();
});

test('a node that does not answer is an error that says what was asked', async () => {
  kubelet.closeAllConnections();
  kubelet.close();
  const read = consoleReader(cluster.client, cluster.transport);
  await expect(read(aVm({ namespace, uid: UID }))).rejects.toThrow(/launcher\/log/);
});
