/** A VM that hangs: others of its application are served by another one, at once. */
import { beforeAll, expect, test } from '@jest/globals';
import { eventually, sleep, testLocal } from '../../support/local.ts';

const started = testLocal();
/** Computes without end for who asks for that. */
const code = `export default { async fetch(request) {
  const { pathname } = new URL(request.url);
  if (pathname === '/loop') for (;;);
  if (pathname === '/compute') { const until = Date.now() + 3_000; while (Date.now() < until); }
  return new Response(String(process.pid));
} }`;

beforeAll(async () => {
  await started().pool({ warm: { min: 3, refillPerSecond: 50 } });
}, 60_000);

test('a loop without end in one VM costs others no request from its first sign on', async () => {
  const t = started();
  await t.fn('loops', { code, spec: { timeoutSeconds: 20, concurrency: 8 } });
  await t.ready('loops');
  await t.warm(3);
  expect((await t.call('/default/loops/')).status).toBe(200);
  const loop = t.call('/default/loops/loop');
  const began = performance.now();
  const isSuspect = async (): Promise<boolean> => (await t.vms()).some(({ suspect }) => suspect);
  // Those that come before the first sign may be lost with the VM.
  await eventually('the first sign', isSuspect);
  const sign = performance.now();
  const answers = [];
  let first = 0;
  for (const end = sign + 5_000; performance.now() < end;) {
    await sleep(20);
    answers.push((await t.call('/default/loops/')).status);
    if (first === 0) first = performance.now() - sign;
  }
  expect(new Set(answers)).toEqual(new Set([200]));
  expect(sign - began).toBeLessThan(10_000);
  expect(first).toBeLessThan(5_000);
  expect((await loop).status).toBeGreaterThanOrEqual(500);
  await eventually('it is replaced', async () => !(await isSuspect()), 60_000);
}, 90_000);

test('one that computes for three seconds is passed over meanwhile, and neither killed nor replaced for ever', async () => {
  const t = started();
  await t.fn('busy', { code, spec: { timeoutSeconds: 20, concurrency: 8 } });
  await t.ready('busy');
  const pid = (await t.call('/default/busy/')).body;
  const vms = async (): Promise<string[]> =>
    (await t.vms()).flatMap(({ name, binding }) =>
      binding?.application.includes('/busy@') === true ? [name] : [],
    );
  const before = await vms();
  const computing = t.call('/default/busy/compute');
  await sleep(2_000);
  const meanwhile = await t.call('/default/busy/');
  expect(meanwhile.status).toBe(200);
  expect((await computing).body).toBe(pid);
  await eventually('it is trusted again', async () => {
    return (await t.vms()).every(({ suspect }) => suspect !== true);
  });
  expect(await vms()).toEqual(expect.arrayContaining(before));
  expect((await vms()).length).toBeLessThanOrEqual(2);
}, 60_000);
