import { createHash } from 'node:crypto';
import { describe, expect, test } from '@jest/globals';
import WebSocket, { WebSocketServer } from 'ws';
import { call, connectTo, raw } from './support/client.ts';
import { onCleanup, startPair, type Bench } from './support/gateway.ts';
import { eventually } from './support/wait.ts';
import type { FakeAgent } from './support/agent.ts';

type Pair = Bench & { readonly agent: FakeAgent };

/** A function that sends every message back. */
async function echo(slots = 1): Promise<Pair> {
  const pair = await startPair((_req, res) => res.end('plain'), { slots });
  const server = new WebSocketServer({ noServer: true });
  pair.agent.onUpgrade((req, socket) => {
    pair.agent.requests.push(req);
    server.handleUpgrade(req, socket, Buffer.alloc(0), (peer) => {
      peer.on('message', (data, binary) => {
        peer.send(data as Buffer, { binary });
      });
    });
  });
  onCleanup(() => {
    server.close();
    return Promise.resolve();
  });
  return pair;
}

async function connected(port: number): Promise<WebSocket> {
  const socket = new WebSocket(`ws://127.0.0.1:${port}/default/hello/chat?x=1`);
  await new Promise((resolve, reject) => {
    socket.once('open', resolve);
    socket.once('error', reject);
  });
  return socket;
}

function message(socket: WebSocket): Promise<Buffer> {
  return new Promise((resolve) => {
    socket.once('message', (data) => {
      resolve(data as Buffer);
    });
  });
}

describe('an upgrade', () => {
  test('joins client and function, and holds a slot until it is closed', async () => {
    const { port, agent, gateway, lines } = await echo();
    const socket = await connected(port);
    for (const text of ['hello', 'x'.repeat(300_000)]) {
      const answer = message(socket);
      socket.send(text);
      expect((await answer).toString()).toBe(text);
    }
    expect(agent.requests[0]?.url).toBe('/chat?x=1');
    expect(agent.requests[0]?.headers).toMatchObject({
      upgrade: 'websocket',
      'osv-faas-function': 'hello',
    });
    expect(gateway.applications()).toMatchObject({ applications: [{ inFlight: 1 }] });
    const waiting = call(port);
    socket.close();
    expect((await waiting).body).toBe('plain');
    await eventually(() => lines.some(({ status }) => status === 101), 'the tunnel is logged');
    const line = lines.find(({ status }) => status === 101);
    expect(line).toMatchObject({ function: 'default/hello', vm: 'vm-1', reason: '' });
    expect(Number(line?.['bytesIn'])).toBeGreaterThan(300_000);
    expect(Number(line?.['bytesOut'])).toBeGreaterThan(300_000);
  });

  test('is one although the request says that it has no body', async () => {
    const { port, agent } = await echo();
    const head = 'GET /default/hello/ HTTP/1.1\r\nhost: h\r\nconnection: upgrade\r\n';
    const key = 'sec-websocket-key: dGhlIHNhbXBsZSBub25jZQ==\r\nsec-websocket-version: 13\r\n';
    const socket = connectTo(port);
    let text = '';
    socket.on('data', (chunk: Buffer) => (text += chunk.toString('latin1')));
    socket.write(`${head}upgrade: websocket\r\n${key}content-length: 0\r\n\r\n`);
    await eventually(() => text.includes('\r\n\r\n'), 'it is answered');
    expect(text).toMatch(/^HTTP\/1.1 101 /);
    expect(agent.requests[0]?.headers['content-length']).toBeUndefined();
    socket.destroy();
  });

  test('ends for the client when the VM dies', async () => {
    const { port, agent, gateway } = await echo();
    const socket = await connected(port);
    socket.on('error', () => undefined);
    const closed = new Promise((resolve) => socket.once('close', resolve));
    agent.kill();
    await closed;
    expect(gateway.applications()).toMatchObject({ applications: [{ inFlight: 0 }] });
  });

  test('frees the slot when the client vanishes', async () => {
    const { port } = await echo();
    const socket = await connected(port);
    socket.on('error', () => undefined);
    socket.terminate();
    expect((await call(port)).body).toBe('plain');
  });

  test('that the function declines is answered as the function says', async () => {
    const { port, agent } = await startPair((_req, res) => res.end());
    agent.onUpgrade((_req, socket) => {
      socket.end('HTTP/1.1 403 Forbidden\r\ncontent-length: 2\r\n\r\nno');
    });
    const key = createHash('sha1').update('x').digest('base64');
    const text = await raw(
      port,
      `GET /default/hello/ HTTP/1.1\r\nhost: h\r\nconnection: upgrade\r\nupgrade: websocket\r\nsec-websocket-key: ${key}\r\nsec-websocket-version: 13\r\n\r\n`,
    );
    expect(text).toMatch(/^HTTP\/1\.1 403 Forbidden\r\n[^]*\r\n\r\nno$/);
  });

  test('to an unknown function is 404 with a problem', async () => {
    const { port } = await startPair((_req, res) => res.end());
    const text = await raw(
      port,
      'GET /default/nobody HTTP/1.1\r\nhost: h\r\nconnection: upgrade\r\nupgrade: websocket\r\n\r\n',
    );
    expect(text).toMatch(/^HTTP\/1\.1 404 [^]*RouteUnknown/);
  });

  test('what the client sends behind its request reaches the function after the switch', async () => {
    const { port, agent } = await startPair((_req, res) => res.end());
    agent.onUpgrade((_req, socket) => {
      socket.write(
        'HTTP/1.1 101 Switching Protocols\r\nconnection: upgrade\r\nupgrade: echo\r\n\r\n',
      );
      socket.pipe(socket);
    });
    const socket = connectTo(port);
    let text = '';
    socket.on('data', (chunk: Buffer) => (text += chunk.toString()));
    socket.write(
      'GET /default/hello/ HTTP/1.1\r\nhost: h\r\nconnection: upgrade\r\nupgrade: echo\r\n\r\nearly',
    );
    await eventually(() => text.endsWith('early'), 'the early bytes come back');
    expect(text).toMatch(/^HTTP\/1\.1 101 Switching Protocols\r\n/);
    socket.destroy();
  });

  test.each([
    { first: '/default/hello/slow', why: 'one at the function' },
    { first: '/default/nobody', why: 'one that was just refused' },
  ])(
    'behind $why in the same packet is a plain request, and the gateway goes on',
    async ({ first }) => {
      const { port } = await startPair((req, res) => {
        setTimeout(() => res.end(`<${req.url ?? ''}>`), req.url === '/slow' ? 50 : 0);
      });
      const text = await raw(
        port,
        `GET ${first} HTTP/1.1\r\nhost: h\r\n\r\n` +
          'GET /default/hello/2 HTTP/1.1\r\nhost: h\r\nconnection: upgrade, close\r\nupgrade: websocket\r\n\r\n',
        1_000,
      );
      expect(text.match(/HTTP\/1\.1 \d+/g)).toHaveLength(2);
      expect(text).toContain('</2>');
      expect((await call(port)).status).toBe(200);
    },
  );

  test.each([
    { upgrade: 'h2c', more: '', why: 'an offer of HTTP/2 may be ignored' },
    { upgrade: 'websocket', more: 'content-length: 3\r\n', why: 'with a body it is a request' },
  ])('$upgrade is treated as a plain request: $why', async ({ upgrade, more }) => {
    const { port, agent } = await startPair((_req, res) => res.end('plain'));
    const text = await raw(
      port,
      `GET /default/hello/ HTTP/1.1\r\nhost: h\r\nconnection: upgrade, close\r\nupgrade: ${upgrade}\r\n${more}\r\n${more === '' ? '' : 'abc'}`,
      500,
    );
    expect(text).toMatch(/^HTTP\/1\.1 200 /);
    expect(agent.requests[0]?.headers.upgrade).toBeUndefined();
  });
});
