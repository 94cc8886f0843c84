/** The life of Functions beside a KubeVirt that does what the real one does: each step with more in between. */
import { beforeAll, expect, test } from '@jest/globals';
import { VMIS } from '../../../src/api/types.ts';
import type { Manners } from '../../../src/local/runner/manners.ts';
import { KUBEVIRT_FINALIZER } from '../../../src/local/runner/phases.ts';
import type { KubeObject } from '../../../src/runtime/kube.ts';
import { installMutator } from '../../support/kubevirt.ts';
import { eventually, sleep, testLocal, type TestLocal } from '../../support/local.ts';

const manners: Manners = { lifelike: true };
const started = testLocal({ manners });
let disturbing = true;

/** The policy is in force a while after it was made; until then nothing is created, or without it. */
async function bornWithFinalizer(t: TestLocal, name: string): Promise<boolean> {
  const ref = { resource: VMIS, name, namespace: 'default' };
  const vmi = {
    ...{ apiVersion: 'kubevirt.io/v1', kind: VMIS.kind, metadata: { name, namespace: 'default' } },
    spec: { domain: { devices: {} } },
  };
  const born = await t.client.create(VMIS, vmi).catch(() => undefined);
  if (born === undefined) return false;
  await t.client.delete(ref);
  const { finalizers = [] }: KubeObject['metadata'] = born.metadata;
  return finalizers.includes(KUBEVIRT_FINALIZER);
}

beforeAll(async () => {
  const t = started();
  await installMutator(t.client);
  let tries = 0;
  await eventually('VMIs are born as KubeVirt has them', () => {
    tries += 1;
    return bornWithFinalizer(t, `newborn-${tries}`);
  });
}, 60_000);

/** Somebody writes into VMIs all the time, as KubeVirt's parts do. */
async function disturb(t: TestLocal): Promise<void> {
  for (let n = 0; disturbing; n += 1) {
    for (const { metadata } of await t.vmis()) {
      const ref = { resource: VMIS, name: metadata.name, namespace: metadata.namespace };
      const annotations = { 'kubevirt.io/seen': `${n}` };
      await t.client
        .patch(ref, { metadata: { annotations } }, { type: 'merge' })
        .catch(() => undefined);
    }
    await sleep(30);
  }
}

test('pools fill, Functions are bound, scaled and deleted, through conflicts and steps', async () => {
  const t = started();
  const disturbance = disturb(t);
  await t.pool({ warm: { min: 3 } });
  await t.warm(3);
  const code = `export default { fetch: async () => {
  await new Promise((resolve) => setTimeout(resolve, 100));
  return new Response('done');
} };`;
  await t.fn('busy', { code, spec: { concurrency: 2, scaling: { max: 5 } } });
  await t.ready('busy');
  const answers = Array.from({ length: 100 }, async (_, index) => {
    await sleep(index * 20);
    return t.call('/default/busy/');
  });
  const statuses = (await Promise.all(answers)).map(({ status }) => status);
  expect(statuses.filter((status) => status !== 200)).toEqual([]);
  await t.fn('busy', { code: code.replace('done', 'new'), spec: { concurrency: 2 } });
  await eventually('the new code', async () => (await t.call('/default/busy/')).body === 'new');
  await t.deleteFn('busy');
  await eventually(
    'gone',
    async () => (await t.getFn('busy').catch(() => undefined)) === undefined,
  );
  await eventually('the pool is whole', async () => (await t.inStage('generic')) >= 3);
  disturbing = false;
  await disturbance;
});
