import type { Socket } from 'node:net';
import { setImmediate as turn } from 'node:timers/promises';
import { describe, expect, test } from '@jest/globals';
import { call, raw } from './support/client.ts';
import { startPair } from './support/gateway.ts';

async function trickle(socket: Socket, text: string): Promise<void> {
  for (const byte of text) {
    if (socket.destroyed) return;
    socket.write(byte, 'latin1');
    await turn();
  }
}

describe('a VM that answers with a flood', () => {
  const OK = 'HTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\nok';
  const interim = (count: number): string => 'HTTP/1.1 102 P\r\n\r\n'.repeat(count);

  test.each([
    { why: 'as many interim heads as are allowed', bytes: interim(16) + OK, status: 200 },
    { why: 'one more', bytes: interim(17) + OK, status: 502 },
    { why: '3,000 interim heads at once', bytes: interim(3_000) + OK, status: 502 },
    { why: 'interim heads without end', bytes: interim(200_000), status: 502 },
    { why: 'an endless head', bytes: `HTTP/1.1 200 OK\r\na: ${'x'.repeat(200_000)}`, status: 502 },
    {
      why: 'thousands of headers',
      bytes: `HTTP/1.1 200 OK\r\n${'a: b\r\n'.repeat(5_000)}content-length: 2\r\n\r\nok`,
      status: 502,
    },
    { why: 'an endless status line', bytes: `HTTP/1.1 200 ${'x'.repeat(200_000)}`, status: 502 },
    { why: 'empty lines', bytes: '\r\n'.repeat(100_000), status: 502 },
    { why: 'zeros', bytes: '\0'.repeat(200_000), status: 502 },
  ])('$why: $status, and the gateway goes on', async ({ bytes, status }) => {
    const { port, agent } = await startPair((_req, res) => {
      res.socket?.on('error', () => undefined);
      res.socket?.write(bytes, 'latin1');
    });
    expect((await call(port)).status).toBe(status);
    // Past Node's own writer, which still waits for the end of what the flood began.
    agent.handler = (req) => req.socket.write(OK);
    expect((await call(port)).status).toBe(200);
  });

  test('the same byte by byte', async () => {
    const { port } = await startPair(({ socket }) => void trickle(socket, interim(18)));
    expect((await call(port)).status).toBe(502);
  });

  test('the number of interim heads begins anew with each request of a connection', async () => {
    const { port, agent } = await startPair((req) => {
      req.socket.write(interim(12) + OK, 'latin1');
    });
    for (let count = 0; count < 4; count += 1) expect((await call(port)).status).toBe(200);
    expect(agent.requests).toHaveLength(4);
  });

  test.each([
    { why: 'an endless size', chunk: '0'.repeat(10_000) },
    { why: 'an endless extension', chunk: `1;${'x'.repeat(10_000)}` },
    { why: 'trailers without end', chunk: `0\r\n${'a: b\r\n'.repeat(10_000)}` },
  ])('$why breaks the answer off', async ({ chunk }) => {
    const { port, agent } = await startPair((_req, res) => {
      const head = 'HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n';
      res.socket?.on('error', () => undefined);
      res.socket?.write(`${head}${chunk}`, 'latin1');
    });
    const text = await raw(port, 'GET /default/hello/ HTTP/1.1\r\nhost: h\r\n\r\n');
    expect(text).not.toMatch(/\r\n0\r\n\r\n$/);
    agent.handler = (_req, res) => res.end('fine');
    expect((await call(port)).status).toBe(200);
  });
});

test('a 204 goes on without the length that it must not have', async () => {
  const { port } = await startPair((_req, res) => {
    res.socket?.write('HTTP/1.1 204 No Content\r\nContent-Length: 5\r\nx-a: b\r\n\r\n');
  });
  const { status, headers } = await call(port);
  expect([status, headers['content-length'], headers['x-a']]).toEqual([204, undefined, 'b']);
});
