/** What rests costs nothing (invariant I9): no pass of a controller, no call to the API server. */
import { expect, test } from '@jest/globals';
import { request } from 'undici';
import { eventually, sleep, testLocal, type TestLocal } from '../../support/local.ts';

const started = testLocal();
const CORE = { group: '', version: 'v1' };
const SECRETS = { ...CORE, plural: 'secrets', kind: 'Secret' };
const CONFIG_MAPS = { ...CORE, plural: 'configmaps', kind: 'ConfigMap' };
/** What the operator does when nothing happens it does several times in this while. */
const REST_MS = 8_000;

async function apply(t: TestLocal, color: string): Promise<void> {
  const patch = { type: 'apply', fieldManager: 'test', force: true } as const;
  for (const resource of [SECRETS, CONFIG_MAPS]) {
    const { kind } = resource;
    const name = 'settings';
    const data = { [kind]: kind === 'Secret' ? btoa(color) : color };
    const object = { apiVersion: 'v1', kind, metadata: { name }, data };
    await t.client.patch({ resource, name, namespace: 'default' }, object, patch);
  }
}

/** Passes of controllers and calls to the API server so far, by name and by method. */
async function work(t: TestLocal): Promise<Readonly<Record<string, number>>> {
  const { body } = await request(`${t.local.operatorAdminUrl}/metrics`);
  const counted: Record<string, number> = {};
  const lines = /^osv_faas_(?:reconcile_seconds_count|api_requests_total)\{(.*)\} (\d+)$/gm;
  for (const [, labels = '', count] of (await body.text()).matchAll(lines)) {
    // Watches end after a while and are begun again.
    if (!labels.includes('WATCH')) counted[labels] = Number(count);
  }
  return counted;
}

const CODE = `export default { fetch: () => Response.json([process.env.Secret, process.env.ConfigMap]) };`;

test('Functions and VMs at rest', async () => {
  const t = started();
  await t.pool({ warm: { min: 2 } });
  await apply(t, 'blue');
  const envFrom = [{ secretRef: { name: 'settings' } }, { configMapRef: { name: 'settings' } }];
  for (let n = 0; n < 8; n += 1) await t.fn(`rest-${n}`, { code: CODE, spec: { envFrom } });
  for (let n = 0; n < 8; n += 1) await t.ready(`rest-${n}`);
  expect((await t.call('/default/rest-0/')).body).toBe('["blue","blue"]');
  await t.warm(2);
  let before = {};
  await eventually('nothing happens', async () => {
    before = await work(t);
    await sleep(4_000);
    return JSON.stringify(await work(t)) === JSON.stringify(before);
  });
  await sleep(REST_MS);
  expect(await work(t)).toEqual(before);
});

test('a change of a Secret or a ConfigMap is seen at once', async () => {
  const t = started();
  await apply(t, 'red');
  await eventually(
    'a new revision',
    async () => (await t.call('/default/rest-0/')).body === '["red","red"]',
    10_000,
  );
});
