/** A VM's address changes, as it does with a migration: requests follow it, and nobody else gets them. */
import { afterAll, expect, test } from '@jest/globals';
import { VMIS } from '../../../src/api/types.ts';
import { eventually, testLocal, type TestLocal } from '../../support/local.ts';
import { TcpProxy } from '../../support/tcp-proxy.ts';

const started = testLocal();
const proxies: TcpProxy[] = [];
const NEW = '127.61.7.9';

afterAll(async () => {
  for (const proxy of proxies) await proxy.close();
});

async function moveTo(t: TestLocal, name: string, ipAddress: string): Promise<void> {
  const interfaces = [{ name: 'default', ipAddress, ipAddresses: [ipAddress] }];
  const ref = { resource: VMIS, name, namespace: 'default' };
  await t.client.patch(ref, { status: { interfaces } }, { type: 'merge' });
}

async function only(t: TestLocal): Promise<{ name: string; host: string }> {
  const { name = '', address = '' } = (await t.vms()).find(({ stage }) => stage === 'bound') ?? {};
  return { name, host: address.replace(/:\d+$/, '') };
}

async function arriveAt(host: string, target: string): Promise<TcpProxy> {
  const proxy = await TcpProxy.between({ host, port: 8080 }, { host: target, port: 8080 });
  proxies.push(proxy);
  return proxy;
}

test('requests follow a bound VM, and wait while it is on its way', async () => {
  const t = started();
  await t.pool({ warm: { min: 1 } });
  await t.fn('moves', { spec: { scaling: { min: 1, max: 1 } } });
  await t.ready('moves');
  expect((await t.call('/default/moves/')).status).toBe(200);
  const { name, host } = await only(t);
  await moveTo(t, name, NEW);
  await eventually('the operator follows', async () =>
    (await t.vms()).some(({ movedTo }) => movedTo !== undefined),
  );
  // Its agent is not to be reached there yet.
  const early = t.call('/default/moves/');
  const proxy = await arriveAt(NEW, host);
  expect((await early).status).toBe(200);
  await eventually('it is found', async () => (await only(t)).host === NEW);
  const before = proxy.connections;
  const answers = await Promise.all(Array.from({ length: 5 }, () => t.call('/default/moves/')));
  expect(answers.map(({ status }) => status)).toEqual([200, 200, 200, 200, 200]);
  expect(proxy.connections).toBeGreaterThan(before);
  expect((await only(t)).name).toBe(name);
});

test('a guest that answers at the new address and is another gets nothing', async () => {
  const t = started();
  await t.warm(1);
  const { name } = await only(t);
  const { address = '' } = (await t.vms()).find(({ stage }) => stage === 'generic') ?? {};
  await moveTo(t, name, address.replace(/:\d+$/, ''));
  // The VM is given up in the end, and one that is what it says takes its place.
  expect((await t.call('/default/moves/')).status).toBe(200);
  await eventually('replaced', async () => (await only(t)).name !== name);
  await t.deleteFn('moves');
});
