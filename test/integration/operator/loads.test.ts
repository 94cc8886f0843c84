/** A module that does not load: what is known of a revision is remembered, whoever saw it. */
import { beforeAll, expect, test } from '@jest/globals';
import type { Problem } from '../../../src/api/problem.ts';
import { LABELS } from '../../../src/api/group.ts';
import { eventually, testLocal } from '../../support/local.ts';

const started = testLocal();
const BROKEN = `throw new Error('not today');\nexport default {};`;
const fine = (text: string): string => `export default { fetch: () => new Response('${text}') };`;

beforeAll(async () => {
  await started().pool({ warm: { min: 2, refillPerSecond: 50 } });
}, 60_000);

test('a Function that does not load stays unready when its VM is gone, until its code changes', async () => {
  const t = started();
  const spec = { scaling: { idle: { afterSeconds: 1 } } };
  await t.fn('broken', { code: BROKEN, spec });
  await t.ready('broken');
  expect((await t.call('/default/broken/')).status).not.toBe(200);
  const seen = await t.reason('broken', 'Ready', 'LoadFailed');
  await eventually('its VM is gone', async () => {
    return (await t.getFn('broken')).status?.replicas === 0;
  });
  expect(await t.condition('broken', 'Ready')).toEqual(seen);

  await t.local.services.kill('operator');
  await t.local.ready('operator');
  // A setting that is not of the code.
  await t.fn('broken', { code: BROKEN, spec: { scaling: { idle: { afterSeconds: 2 } } } });
  await eventually('the operator has seen it', async () => {
    const { metadata, status } = await t.getFn('broken');
    return status?.observedGeneration === metadata.generation;
  });
  const { reason, message } = (await t.condition('broken', 'Ready')) ?? {};
  expect({ reason, message }).toEqual({ reason: seen.reason, message: seen.message });

  await t.fn('broken', { code: fine('mended'), spec });
  await t.ready('broken');
  expect((await t.call('/default/broken/')).body).toBe('mended');
});

test('an operator that did not see the good revision does not give it up for one that does not load', async () => {
  const t = started();
  const spec = { scaling: { min: 1, max: 2 } };
  await t.fn('kept', { code: fine('good'), spec });
  await t.reason('kept', 'HandlerReady', 'Loaded');
  await eventually('its VM is labelled', async () => {
    return (await t.vmis()).some(
      ({ metadata }) => metadata.labels?.[LABELS.application] === 'kept',
    );
  });
  await t.local.services.kill('operator');
  await t.fn('kept', { code: BROKEN, spec });
  await t.local.ready('operator');
  await t.reason('kept', 'HandlerReady', 'LoadFailed');
  for (const end = performance.now() + 3_000; performance.now() < end;) {
    const { status, body } = await t.call('/default/kept/');
    expect(status === 200 ? body : (JSON.parse(body) as Problem).reason).toBe('good');
  }
  await t.fn('kept', { code: fine('better'), spec });
  await eventually('the new one', async () => (await t.call('/default/kept/')).body === 'better');
});

test('code that ends each VM that it is given to makes its Function unready, and requests hear it at once', async () => {
  const t = started();
  const bomb = `const all = []; for (;;) all.push(Buffer.alloc(8 * 1024 * 1024, 1));`;
  await t.fn('bomb', { code: bomb });
  await t.ready('bomb');
  const first = t.call('/default/bomb/');
  const { message } = await t.reason('bomb', 'Ready', 'BindFailing');
  expect(message).toMatch(/VMs are lost when they are given its code.* 0\.0 MiB/);
  expect((await first).status).toBe(503);
  // Whoever comes while one is tried waits for that one; it is paused for longer and longer.
  await eventually('a request is refused at once', async () => {
    const began = performance.now();
    const { status, body } = await t.call('/default/bomb/');
    const { reason } = JSON.parse(body) as Problem;
    expect(status).toBe(503);
    return reason === 'BindFailing' && performance.now() - began < 1_000;
  });
  await t.fn('bomb', { code: fine('mended') });
  await t.ready('bomb');
  await eventually('it is served', async () => (await t.call('/default/bomb/')).body === 'mended');
});
