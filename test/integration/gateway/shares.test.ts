import { expect, test } from '@jest/globals';
import { call, open, reasonOf } from './support/client.ts';
import { APP, HELLO, startAgent, startGateway } from './support/gateway.ts';
import { eventually } from './support/wait.ts';

const OTHER = 'default/other@default/node';
const ROUTES = [HELLO, { ...HELLO, key: 'default/other', name: 'other', applicationId: OTHER }];
/** Of this a waiting request holds 64 KiB and its head. */
const BODY = { method: 'POST', headers: { 'content-length': String(1024 * 1024) } };
const BYTES = 2 * 1024 * 1024;

test('a request for an upgrade counts with what may come behind it', async () => {
  const { port, operator } = await startGateway({ queue: { count: 10, bytes: 100_000 } });
  operator.snapshot(APP, []);
  const reply = await call(port, { headers: { connection: 'upgrade', upgrade: 'websocket' } });
  expect([reply.status, reasonOf(reply)]).toEqual([503, 'QueueFull']);
});

test('while one application floods the queues another still waits its turn, and is served', async () => {
  const { port, operator, gateway, lines } = await startGateway({
    routes: ROUTES,
    queue: { count: 1_000, bytes: BYTES },
  });
  operator.snapshot(APP, []);
  const flood = Array.from({ length: 60 }, () => {
    const client = open(port, BODY);
    client.on('error', () => undefined);
    client.on('response', (res) => res.resume());
    client.flushHeaders();
    return client;
  });
  const bytes = (): number[] => {
    const known = gateway.applications() as { applications: { queuedBytes: number }[] };
    return known.applications.map(({ queuedBytes }) => queuedBytes);
  };
  await eventually(
    () => lines.some(({ reason }) => reason === 'QueueFull'),
    'the flood is stemmed',
  );
  expect(bytes()[0]).toBeLessThanOrEqual(BYTES / 2);

  const replies = [1, 2, 3].map(() =>
    call(port, { path: '/default/other', method: 'POST', body: 'x' }),
  );
  await eventually(() => (bytes()[1] ?? 0) > 0, 'the other application waits');
  const agent = await startAgent('vm-2', (req, res) => req.pipe(res));
  operator.add(OTHER, agent.endpoint(1));
  expect((await Promise.all(replies)).map(({ body }) => body)).toEqual(['x', 'x', 'x']);

  const refused = await call(port, { ...BODY, body: Buffer.alloc(1024 * 1024) });
  expect([refused.status, reasonOf(refused)]).toEqual([503, 'QueueFull']);
  for (const client of flood) client.destroy();
  await eventually(() => bytes()[0] === 0, 'who leaves gives its bytes back');
});
