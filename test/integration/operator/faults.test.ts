/** Bad code: it has a condition or a problem that names the cause, and harms nothing else. */
import { beforeAll, describe, expect, test } from '@jest/globals';
import type { Problem } from '../../../src/api/problem.ts';
import { testLocal } from '../../support/local.ts';

const started = testLocal();

beforeAll(async () => {
  const t = started();
  await t.pool({ warm: { min: 2, readyTimeoutSeconds: 30 } });
  await t.fn('neighbour');
  await t.ready('neighbour');
  await t.warm(2);
}, 60_000);

describe('a pool that may not be used', () => {
  test('a pool that does not exist', async () => {
    const t = started();
    await t.fn('no-pool', { spec: { poolRef: { name: 'nowhere' } } });
    const condition = await t.reason('no-pool', 'PoolReady', 'PoolNotFound');
    expect(condition.message).toContain('default/nowhere');
    const answer = await t.call('/default/no-pool/');
    expect(answer.status).toBe(503);
    expect((JSON.parse(answer.body) as Problem).reason).toBe('PoolNotFound');
    await t.deleteFn('no-pool');
  });
});

describe('code that does not load', () => {
  test.each([
    {
      name: 'syntax',
      why: 'code that is no JavaScript',
      code: 'export default {{{',
      reason: 'SyntaxError',
    },
    {
      name: 'no-handler',
      why: 'a handler that the module does not export',
      code: 'export const other = 1;',
      reason: 'HandlerNotFound',
    },
    {
      name: 'no-module',
      why: 'an import of a package that is not there',
      code: `import 'not-there'; export default { fetch: () => new Response() };`,
      reason: 'ModuleNotFound',
    },
    {
      name: 'throws',
      why: 'a module that throws while it loads',
      code: `throw new Error('no luck');`,
      reason: 'LoadFailed',
    },
  ])('$reason: $why', async ({ name, code, reason }) => {
    const t = started();
    await t.fn(name, { code });
    await t.ready(name);
    const answer = await t.call(`/default/${name}/`);
    expect(answer.status).toBe(500);
    expect(JSON.parse(answer.body)).toMatchObject({ component: 'function', reason });
    const condition = await t.reason(name, 'HandlerReady', reason);
    expect(condition.status).toBe('False');
    expect((await t.call('/default/neighbour/')).body).toBe('neighbour');
    await t.deleteFn(name);
  });
});

describe('code that misbehaves', () => {
  test('a function that throws gets a problem, its log the cause', async () => {
    const t = started();
    await t.fn('thrower', { code: `export default { fetch() { throw new Error('secret'); } };` });
    await t.ready('thrower');
    const answer = await t.call('/default/thrower/');
    expect(answer.status).toBe(500);
    expect(answer.body).not.toContain('secret');
    expect(JSON.parse(answer.body)).toMatchObject({
      component: 'function',
      reason: 'FunctionError',
    });
    await t.deleteFn('thrower');
  });

  test('a function that exits the process fails this call; its VM is replaced', async () => {
    const t = started();
    await t.fn('exiter', {
      code: `export default { fetch: (request) => {
  if (request.url.includes('exit')) process.exit(3);
  return new Response('alive');
} };`,
    });
    await t.ready('exiter');
    const answer = await t.call('/default/exiter/?exit');
    expect(answer.status).toBe(500);
    expect((JSON.parse(answer.body) as Problem).reason).toBe('FunctionExited');
    const after = await t.call('/default/exiter/');
    expect([after.status, after.body]).toEqual([200, 'alive']);
    expect((await t.call('/default/neighbour/')).status).toBe(200);
    await t.deleteFn('exiter');
  });

  test('a function that loops for ever ends with its VM; the next call gets another', async () => {
    const t = started();
    await t.fn('looper', {
      code: `export default { fetch: (request) => {
  if (request.url.includes('loop')) for (;;);
  return new Response('alive');
} };`,
      spec: { timeoutSeconds: 1 },
    });
    await t.ready('looper');
    const answer = await t.call('/default/looper/?loop');
    expect(answer.status).toBeGreaterThanOrEqual(500);
    expect(answer.headers['content-type']).toBe('application/problem+json');
    const after = await t.call('/default/looper/');
    expect([after.status, after.body]).toEqual([200, 'alive']);
    await t.deleteFn('looper');
  }, 60_000);

  test('a function that eats memory ends alone', async () => {
    const t = started();
    await t.fn('eater', {
      code: `const kept = [];
export default { async fetch(request) {
  if (!request.url.includes('eat')) return new Response('alive');
  for (;;) { kept.push(new Array(100_000).fill(Math.random())); await new Promise(setImmediate); }
} };`,
    });
    await t.ready('eater');
    const answer = await t.call('/default/eater/?eat');
    expect(answer.status).toBeGreaterThanOrEqual(500);
    expect(answer.headers['content-type']).toBe('application/problem+json');
    expect((await t.call('/default/neighbour/')).status).toBe(200);
    const after = await t.call('/default/eater/');
    expect([after.status, after.body]).toEqual([200, 'alive']);
    await t.deleteFn('eater');
  }, 60_000);

  test('an answer of 10 MB arrives whole', async () => {
    const t = started();
    await t.fn('large', {
      code: `export default { fetch: () => new Response('x'.repeat(10_000_000)) };`,
    });
    await t.ready('large');
    expect((await t.call('/default/large/')).body).toHaveLength(10_000_000);
    await t.deleteFn('large');
  });

  test('an answer that takes longer than the timeout', async () => {
    const t = started();
    await t.fn('slow', {
      code: `export default { fetch: () => new Promise(() => {}) };`,
      spec: { timeoutSeconds: 1 },
    });
    await t.ready('slow');
    const answer = await t.call('/default/slow/');
    expect(answer.status).toBe(504);
    expect((JSON.parse(answer.body) as Problem).reason).toBe('FunctionTimeout');
    await t.deleteFn('slow');
  });

  test('a function that throws after its headers breaks the answer off', async () => {
    const t = started();
    await t.fn('breaker', {
      code: `export default (request, response) => {
  response.writeHead(200, { 'content-length': 100 });
  response.write('half');
  setTimeout(() => { throw new Error('half way'); }, 50);
};`,
    });
    await t.ready('breaker');
    await expect(t.call('/default/breaker/')).rejects.toThrow();
    expect((await t.call('/default/neighbour/')).status).toBe(200);
    await t.deleteFn('breaker');
  });
});
