/** Nodes that are emptied, and nodes that are gone. */
import { expect, test } from '@jest/globals';
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
  manners.deletionsHang = false;
  await t.deleteFn('lost');
}, 120_000);
