import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import type { Endpoint } from '../../../src/api/gateway-protocol.ts';
import { bind, TOKEN, type Guest } from '../../support/agent.ts';
import { startProcess } from '../../support/agent-process.ts';
import { call, reasonOf } from './support/client.ts';
import { HELLO, startGateway, type Bench } from './support/gateway.ts';

const APPLICATION = 'tests/app@tests/pool';
const CODE = `
export default {
  async fetch(request) {
    const { pathname, searchParams } = new URL(request.url);
    if (pathname === '/slow') await new Promise((resolve) => setTimeout(resolve, 150));
    if (pathname === '/hang') await new Promise(() => {});
    if (pathname === '/throw') throw new Error('on purpose');
    return new Response((searchParams.get('say') ?? '') + (await request.text()));
  },
};`;

let guest: Guest;

beforeAll(async () => {
  guest = await startProcess();
  const fn = { name: 'hello', handler: 'index.default', files: { 'index.mjs': CODE } };
  await bind(guest, [{ ...fn, timeoutMs: 400 }], { slots: 2 });
}, 30_000);

afterAll(() => guest.stop());

function endpoint(slots = 2): Endpoint {
  return { vmId: guest.vmId, address: `${guest.host}:${guest.port}`, slots, boundAt: 0 };
}

async function gatewayTo(slots?: number, token = TOKEN): Promise<Bench> {
  const bench = await startGateway({
    routes: [{ ...HELLO, applicationId: APPLICATION, timeoutMs: 400 }],
    deps: { tokenOf: () => token },
    timers: { queueMs: 2_000 },
  });
  bench.operator.snapshot(APPLICATION, [endpoint(slots)]);
  return bench;
}

describe('with the real agent', () => {
  test('a function is called, body and query and all', async () => {
    const { port } = await gatewayTo();
    const path = '/default/hello/x?say=hi%20';
    const reply = await call(port, { method: 'POST', path, body: 'there' });
    expect([reply.status, reply.body]).toEqual([200, 'hi there']);
  });

  test('slots hold even when the gateway believes in more: the rest waits, nothing fails', async () => {
    const { port } = await gatewayTo(8);
    const replies = await Promise.all(
      Array.from({ length: 8 }, () => call(port, { path: '/default/hello/slow?say=ok' })),
    );
    expect(replies.map(({ body }) => body)).toEqual(Array(8).fill('ok'));
  });

  test.each([
    { path: '/default/hello/hang', status: 504, reason: 'FunctionTimeout' },
    { path: '/default/hello/throw', status: 500, reason: 'FunctionError' },
  ])('$path is $status $reason, in the agent’s words', async ({ path, status, reason }) => {
    const { port } = await gatewayTo();
    const reply = await call(port, { path });
    expect([reply.status, reasonOf(reply)]).toEqual([status, reason]);
    expect((JSON.parse(reply.body) as { requestId: string }).requestId).toBe(
      reply.headers['x-request-id'],
    );
  });

  test('a wrong token gets nowhere, and the operator hears of it', async () => {
    const { port, operator } = await gatewayTo(2, 'wrong');
    const reply = await call(port);
    expect([reply.status, reasonOf(reply)]).toEqual([503, 'VmsRefused']);
    expect(operator.of('suspect')[0]).toMatchObject({ vmId: guest.vmId, reason: 'TokenInvalid' });
  });
});
