/** Hosts have owners: a Function of another namespace cannot take a path of a host that was claimed before. */
import { expect, test } from '@jest/globals';
import { request } from 'undici';
import type { Condition } from '../../../src/api/conditions.ts';
import { FUNCTIONS, type Function } from '../../../src/api/types.ts';
import { eventually, testLocal, type TestLocal } from '../../support/local.ts';

const started = testLocal();
const NAMESPACES = { group: '', version: 'v1', plural: 'namespaces', kind: 'Namespace' };

async function phish(t: TestLocal, http: object): Promise<void> {
  await t.client
    .create(NAMESPACES, { apiVersion: 'v1', kind: 'Namespace', metadata: { name: 'evil' } })
    .catch(() => undefined);
  const files = { 'index.js': `export default { fetch: () => new Response('phished') };` };
  const spec = {
    poolRef: { name: 'default', namespace: 'default' },
    source: { inline: { files } },
  };
  const object = {
    ...{ apiVersion: 'faas.osv.io/v1alpha1', kind: 'Function' },
    metadata: { name: 'phish', namespace: 'evil' },
    spec: { ...spec, http },
  };
  const ref = { resource: FUNCTIONS, name: 'phish', namespace: 'evil' };
  await t.client.patch(ref, object, { type: 'apply', fieldManager: 'test', force: true });
}

async function routed(t: TestLocal): Promise<Condition | undefined> {
  const ref = { resource: FUNCTIONS, name: 'phish', namespace: 'evil' };
  const { status } = (await t.client.get(ref)) as Function;
  return status?.conditions?.find((one) => one.type === 'Routed');
}

async function ask(t: TestLocal, host: string, path: string): Promise<string> {
  const { body } = await request(t.local.gatewayUrl + path, { headers: { host } });
  return body.text();
}

test('the older claim has the host, the later one says whose it is, and follows when it goes', async () => {
  const t = started();
  await t.pool({ allowedNamespaces: { from: 'All' } });
  await t.fn('shop', { spec: { http: { hosts: ['shop.example'] } } });
  await t.ready('shop');
  // Creation times have seconds.
  await new Promise((resolve) => setTimeout(resolve, 1_100));
  await phish(t, { hosts: ['shop.example'], path: '/login' });
  await eventually('it is refused', async () => (await routed(t))?.reason === 'HostTaken');
  const refused = await routed(t);
  expect(refused?.status).toBe('False');
  expect(refused?.message).toContain('belongs to namespace default');
  expect((await t.condition('shop', 'Ready'))?.status).toBe('True');
  expect(await ask(t, 'shop.example', '/login')).toBe('shop');
  expect(await ask(t, 'SHOP.example.:80', '/login')).toBe('shop');
  await t.deleteFn('shop');
  await eventually('the next has it', async () => (await routed(t))?.status === 'True');
  await eventually(
    'and is asked',
    async () => (await ask(t, 'shop.example', '/login')) === 'phished',
  );
});

test('the gateway’s own address is nobody’s', async () => {
  const t = started();
  await phish(t, { hosts: ['127.0.0.1', 'localhost'] });
  await eventually('it is refused', async () => (await routed(t))?.reason === 'HostReserved');
  await t.fn('plain');
  await t.ready('plain');
  expect((await t.call('/default/plain/')).body).toBe('plain');
});
