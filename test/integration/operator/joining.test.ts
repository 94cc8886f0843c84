/** An application whose set of functions changes: no VM is asked for what it was not given. */
import { beforeAll, expect, test } from '@jest/globals';
import type { Problem } from '../../../src/api/problem.ts';
import { testLocal } from '../../support/local.ts';

const started = testLocal();
const TEXT = (text: string): object => ({
  inline: { files: { 'index.mjs': `export default { fetch: () => new Response('${text}') }` } },
});

beforeAll(async () => {
  await started().pool({ warm: { min: 2, readyTimeoutSeconds: 30 } });
}, 60_000);

test('a Function that joins an application that runs is answered as soon as it is routed', async () => {
  const t = started();
  await t.fn('first', { spec: { application: 'joined', source: TEXT('first') } });
  await t.reason('first', 'Ready', 'Available');
  expect((await t.call('/default/first/')).body).toBe('first');
  await t.fn('second', { spec: { application: 'joined', source: TEXT('second') } });
  const reasons = new Set<string>();
  for (const end = performance.now() + 5_000; performance.now() < end;) {
    const { status, body } = await t.call('/default/second/');
    const reason = status === 200 ? body : (JSON.parse(body) as Problem).reason;
    reasons.add(reason);
    expect((await t.call('/default/first/')).status).toBe(200);
  }
  // Until the gateway knows the Function it cannot do better than say so.
  reasons.delete('RouteUnknown');
  expect([...reasons]).toEqual(['second']);
});

test('a Function that cannot be loaded says why, whoever is healthy beside it', async () => {
  const t = started();
  const source = { configMap: { name: 'nowhere' } };
  await t.fn('healthy', { spec: { application: 'mixed', source: TEXT('healthy') } });
  await t.fn('broken', { spec: { application: 'mixed', source } });
  await t.reason('healthy', 'Ready', 'Available');
  await t.reason('broken', 'Ready', 'ConfigMapNotFound');
  const asked = async (): Promise<unknown> => {
    const { status, body } = await t.call('/default/broken/');
    return { status, reason: (JSON.parse(body) as Problem).reason };
  };
  const refused = { status: 503, reason: 'ConfigMapNotFound' };
  expect(await asked()).toEqual(refused);
  expect((await t.call('/default/healthy/')).body).toBe('healthy');
  expect(await asked()).toEqual(refused);
});
