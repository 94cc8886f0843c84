/** VMIs that the API server fails to create, or refuses: the pool says so, waits, and goes on. */
import { expect, test } from '@jest/globals';
import { request } from 'undici';
import type { Condition } from '../../../src/api/conditions.ts';
import { limitVmis, loseVirtApi, restoreVirtApi, unlimitVmis } from '../../support/kubevirt.ts';
import { eventually, sleep, testLocal, type TestLocal } from '../../support/local.ts';

const started = testLocal();

async function progressing(t: TestLocal): Promise<Condition | undefined> {
  const { status } = await t.getPool();
  return status?.conditions?.find(({ type }) => type === 'Progressing');
}

/** Calls of the operator to the API server so far, by a label of the metric. */
async function calls(t: TestLocal, ...labelled: readonly string[]): Promise<number> {
  const { body } = await request(`${t.local.operatorAdminUrl}/metrics`);
  const lines = /^osv_faas_api_requests_total\{(.*)\} (\d+)$/gm;
  return [...(await body.text()).matchAll(lines)]
    .filter(([, labels = '']) => labelled.every((label) => labels.includes(label)))
    .reduce((sum, [, , count]) => sum + Number(count), 0);
}

test('five seconds without virt-api: nothing is lost, and the pool is whole soon after', async () => {
  const t = started();
  await t.pool({ warm: { min: 2, max: 16 } });
  const code = `export default { fetch: async () => {
  await new Promise((resolve) => setTimeout(resolve, 300));
  return new Response('done');
} };`;
  await t.fn('burst', { code, spec: { concurrency: 1, scaling: { max: 8 } } });
  await t.ready('burst');
  await t.warm(2);
  await loseVirtApi(t.client);
  const answers = Array.from({ length: 60 }, async (_, index) => {
    await sleep(index * 80);
    return t.call('/default/burst/');
  });
  await sleep(5_000);
  expect(await progressing(t)).toMatchObject({
    reason: 'CreateRefused',
    message: expect.stringContaining('failed calling webhook') as unknown,
  });
  // No VMI is on its way: none may be counted.
  expect(await t.inStage('starting')).toBe(0);
  await restoreVirtApi(t.client);
  const back = Date.now();
  await eventually('the pool is whole', async () => (await t.inStage('generic')) >= 2, 30_000);
  const wholeMs = Date.now() - back;
  const lost = (await Promise.all(answers)).filter(({ status }) => status !== 200);
  process.stdout.write(`whole after ${wholeMs} ms, ${lost.length} of 60 lost\n`);
  expect(lost).toEqual([]);
  await eventually('no refusal', async () => (await progressing(t))?.reason !== 'CreateRefused');
  await t.deleteFn('burst');
});

test('a quota: a steady condition, and few calls', async () => {
  const t = started();
  // Less than there are: those that are still going make no room.
  await limitVmis(t.client, 'default', 0);
  await t.pool({ warm: { min: 12 } });
  const refused = async (): Promise<boolean> => (await progressing(t))?.reason === 'CreateRefused';
  await eventually('refused', refused);
  const [posts, patches, said] = [
    await calls(t, 'method="POST"', 'code="403"'),
    await calls(t, 'method="PATCH"'),
    await progressing(t),
  ];
  expect(said?.message).toContain('exceeded quota');
  const watched: (Condition | undefined)[] = [];
  for (let n = 0; n < 20; n += 1) {
    await sleep(1_000);
    watched.push(await progressing(t));
  }
  const [morePosts, morePatches] = [
    (await calls(t, 'method="POST"', 'code="403"')) - posts,
    (await calls(t, 'method="PATCH"')) - patches,
  ];
  process.stdout.write(`in 20 s: ${morePosts} refused POSTs, ${morePatches} PATCHes\n`);
  expect(morePosts).toBeLessThanOrEqual(8);
  expect(morePatches).toBeLessThanOrEqual(20);
  expect(new Set(watched.map((one) => one?.reason))).toEqual(new Set(['CreateRefused']));
  expect(new Set(watched.map((one) => one?.lastTransitionTime)).size).toBe(1);
  await unlimitVmis(t.client, 'default');
  // The next try may be a minute away.
  await eventually('the pool is whole', async () => (await t.inStage('generic')) >= 12, 120_000);
}, 180_000);
