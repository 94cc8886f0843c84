/** Nodes that are emptied, and nodes that are gone. */
import { expect, test } from '@jest/globals';
import { OSVPOOLS } from '../../../src/api/types.ts';
import type { Manners } from '../../../src/local/runner/manners.ts';
import { evict } from '../../support/kubevirt.ts';
import { eventually, sleep, testLocal, type TestLocal } from '../../support/local.ts';

const manners: Manners = {};
const started = testLocal({ manners });

const SLOW = `export default { fetch: async () => {
  await new Promise((resolve) => setTimeout(resolve, 300));
  return new Response('done');
} };`;

async function names(t: TestLocal, ...stages: readonly string[]): Promise<readonly string[]> {
  return (await t.vms()).filter(({ stage }) => stages.includes(stage)).map(({ name }) => name);
}

test('a drain of a node takes nothing that is in flight', async () => {
  const t = started();
  await t.pool({ warm: { min: 2 } });
  await t.fn('steady', { code: SLOW, spec: { concurrency: 4, scaling: { min: 2, max: 6 } } });
  await t.ready('steady');
  await t.warm(2);
  const onNode = await names(t, 'bound', 'generic');
  const answers = Array.from({ length: 300 }, async (_, index) => {
    await sleep(index * 20);
    return t.call('/default/steady/');
  });
  await sleep(1_000);
  await Promise.all(onNode.map((name) => evict(t.client, name, 'default')));
  const all = (await Promise.all(answers)).map(({ status }) => status);
  expect(all.filter((status) => status !== 200)).toEqual([]);
  await eventually('all are gone from the node', async () => {
    const left = await names(t, 'starting', 'generic', 'binding', 'bound', 'draining');
    return !left.some((name) => onNode.includes(name));
  });
  await eventually('the pool is whole', async () => (await t.inStage('generic')) >= 2);
  await t.deleteFn('steady');
});

test('VMs on a node that is gone do not hold a Function', async () => {
  const t = started();
  await t.fn('lost', { spec: { scaling: { min: 1 } } });
  await t.ready('lost');
  await eventually('bound', async () => (await names(t, 'bound')).length > 0);
  manners.deletionsHang = true;
  const deleted = Date.now();
  await t.deleteFn('lost');
  const said = await t.reason('lost', 'Ready', 'VmsTerminating');
  expect(said).toMatchObject({ status: 'False', message: '1 VMs are being deleted: on local' });
  await eventually(
    'gone',
    async () => (await t.getFn('lost').catch(() => undefined)) === undefined,
    45_000,
  );
  expect(Date.now() - deleted).toBeGreaterThan(25_000);
  // The name is free: who takes it gets VMs of his own.
  await t.fn('lost');
  expect((await t.call('/default/lost/')).status).toBe(200);
  await t.deleteFn('lost');
}, 120_000);

test('nor a pool', async () => {
  const t = started();
  await t.warm(1);
  manners.deletionsHang = true;
  const ref = { resource: OSVPOOLS, name: 'default', namespace: 'default' };
  await t.client.delete(ref);
  await eventually('the pool says so', async () => {
    const { status } = await t.getPool();
    return status?.conditions?.some(({ reason }) => reason === 'VmsTerminating') === true;
  });
  await eventually(
    'gone',
    async () => (await t.getPool().catch(() => undefined)) === undefined,
    45_000,
  );
  manners.deletionsHang = false;
  await eventually('its VMs go when the node is back', async () => (await t.vms()).length === 0);
}, 120_000);
