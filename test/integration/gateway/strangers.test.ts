/** Clients that keep to no rule, at the public port: each is answered and let go, and nobody else notices. */
import { once } from 'node:events';
import { expect, test } from '@jest/globals';
import { HostileClient } from '../../support/hostile-client.ts';
import { call } from './support/client.ts';
import { onCleanup, startPair } from './support/gateway.ts';

const HEAD = 'GET /default/hello/ HTTP/1.1\r\nhost: h\r\n';
const UPGRADE = `${HEAD}connection: upgrade\r\nupgrade: websocket\r\n\r\n`;
const BODY = `POST /default/hello/ HTTP/1.1\r\nhost: h\r\ncontent-length: 99\r\n\r\nx`;

function hostile(port: number): HostileClient {
  const client = new HostileClient(port);
  onCleanup(() => {
    client.end();
    return Promise.resolve();
  });
  return client;
}

test.each([
  { why: 'a head that never ends', bytes: `${HEAD}a: `, status: 408 },
  { why: 'a head without bound', bytes: `${HEAD}a: ${'x'.repeat(99_999)}`, status: 431 },
  { why: 'no HTTP', bytes: '\0\xff\r\n\r\n', status: 400 },
  { why: 'not a byte', bytes: '', status: 408 },
  { why: 'a body that never comes', bytes: BODY, status: 408 },
])('$why: $status, and the end of the connection', async ({ bytes, status }) => {
  const { port } = await startPair((req, res) => req.resume().on('end', () => res.end()), {
    timers: { headersMs: 300, bodyIdleMs: 300 },
  });
  const answer = await hostile(port).answerTo(bytes, 10_000);
  expect(answer).toMatch(new RegExp(`^HTTP/1.1 ${status} `));
});

test.each([
  { when: 'in the head', bytes: HEAD },
  { when: 'behind a request', bytes: `${HEAD}\r\n` },
  { when: 'in a body', bytes: BODY },
  { when: 'behind an upgrade', bytes: UPGRADE },
  { when: 'behind nonsense', bytes: '\0\r\n\r\n' },
])('a hundred resets $when end nobody', async ({ bytes }) => {
  const { port } = await startPair((_req, res) => setTimeout(() => res.end('fine'), 5));
  const client = hostile(port);
  for (let count = 0; count < 100; count += 1) await client.sendAndReset(bytes);
  expect((await call(port)).body).toBe('fine');
});

test('so many connections are open, and no more', async () => {
  const { port } = await startPair((_req, res) => res.end('fine'), { maxConnections: 8 });
  const client = hostile(port);
  const sockets = [];
  for (let count = 0; count < 8; count += 1) sockets.push(await client.send(HEAD));
  expect(await client.answerTo(HEAD, 5_000)).toBe('');
  sockets[0]?.resume().end('\r\n');
  const [first] = sockets;
  if (first !== undefined) await once(first, 'close');
  expect((await call(port)).body).toBe('fine');
});
