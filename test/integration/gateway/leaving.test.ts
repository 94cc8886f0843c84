/** Answers that come before a request is over, and clients that have said all that they have to say. */
import { connect, type Socket } from 'node:net';
import { describe, expect, test } from '@jest/globals';
import { call } from './support/client.ts';
import { HELLO, startPair } from './support/gateway.ts';
import { eventually, pause } from './support/wait.ts';

const MIB = 1024 * 1024;
const TRIES = 20;

/** Sends a head and much of a body before it reads anything, as simple clients do; resolves with what came. */
function upload(port: number, head: string, bytes: number): Promise<string> {
  return new Promise((resolve, reject) => {
    const socket = connect(port, '127.0.0.1');
    let text = '';
    socket.pause();
    socket.once('error', reject);
    socket.on('data', (chunk: Buffer) => (text += chunk.toString('latin1')));
    socket.once('close', () => {
      resolve(text);
    });
    socket.write(`${head}\r\n\r\n`);
    socket.write(Buffer.alloc(bytes, 0x61), () => {
      socket.resume();
    });
  });
}

async function status(port: number, head: string, bytes: number): Promise<string> {
  const text = await upload(port, `${head}\r\nhost: h`, bytes);
  expect(text).toMatch(/^connection: close\r$/im);
  return text.slice(9, 12);
}

describe('an answer that comes before the upload ends arrives', () => {
  test.each([
    ['404', `POST /default/nobody/ HTTP/1.1\r\ncontent-length: ${8 * MIB}`],
    ['405', `POST /default/hello/ HTTP/1.1\r\ncontent-length: ${8 * MIB}`],
    ['413', `PUT /default/hello/ HTTP/1.1\r\ncontent-length: ${64 * MIB}`],
    ['401', `PUT /default/hello/ HTTP/1.1\r\ncontent-length: ${8 * MIB}`],
    ['400', `PUT /default/../hello/ HTTP/1.1\r\ncontent-length: ${8 * MIB}`],
  ])('%s to %s', async (code, head) => {
    const { port } = await startPair(
      (_req, res) => {
        res.writeHead(401, { 'content-length': 2 }).end('no');
      },
      { routes: [{ ...HELLO, methods: ['PUT'] }], maxBodyBytes: 32 * MIB },
    );
    const answers = Array.from({ length: TRIES }, () => status(port, head, 8 * MIB));
    expect(await Promise.all(answers)).toEqual(Array.from({ length: TRIES }, () => code));
  });

  test('although what was sent is no HTTP, with the rest of it on its way', async () => {
    const { port } = await startPair((_req, res) => res.end());
    const answers = Array.from({ length: TRIES }, () => upload(port, 'nonsense', 8 * MIB));
    for (const text of await Promise.all(answers)) expect(text).toMatch(/^HTTP\/1.1 400 /);
  });

  test('and what comes behind such a request is not run', async () => {
    const { port, agent } = await startPair((req, res) => {
      if (req.method === 'PUT') res.writeHead(401, { 'content-length': 2 }).end('no');
      else res.end('yes');
    });
    const socket = connect({ port, host: '127.0.0.1', allowHalfOpen: true });
    let text = '';
    socket.on('data', (chunk: Buffer) => (text += chunk.toString('latin1')));
    socket.write(`PUT /default/hello/ HTTP/1.1\r\nhost: h\r\ncontent-length: ${MIB}\r\n\r\n`);
    await eventually(() => text.endsWith('no'), 'it is answered');
    socket.write(Buffer.alloc(MIB));
    socket.write('GET /default/hello/ HTTP/1.1\r\nhost: h\r\n\r\n');
    socket.end();
    await new Promise((resolve) => socket.once('close', resolve));
    expect(text.match(/HTTP\/1.1 \d+/g)).toEqual(['HTTP/1.1 401']);
    expect(agent.requests).toHaveLength(1);
  });

  test('a short rest is read, and its connection goes on', async () => {
    const { port } = await startPair((req, res) => {
      res.writeHead(200, { 'content-length': 1 }).end(req.method === 'PUT' ? '1' : '2');
    });
    const socket = connect(port, '127.0.0.1');
    let text = '';
    socket.on('data', (chunk: Buffer) => (text += chunk.toString('latin1')));
    socket.write('PUT /default/hello/ HTTP/1.1\r\nhost: h\r\ncontent-length: 1000\r\n\r\n');
    await eventually(() => text.endsWith('\r\n\r\n1'), 'it is answered');
    socket.write(`${'a'.repeat(1_000)}GET /default/hello/ HTTP/1.1\r\nhost: h\r\n\r\n`);
    await eventually(() => text.endsWith('\r\n\r\n2'), 'the next one is answered');
    socket.destroy();
  });
});

function halfClosing(port: number, bytes: string): { socket: Socket; text: () => string } {
  const socket = connect({ port, host: '127.0.0.1', allowHalfOpen: true });
  let text = '';
  socket.on('data', (chunk: Buffer) => (text += chunk.toString('latin1')));
  socket.end(bytes);
  return { socket, text: () => text };
}

describe('a client that closes its half with the end of its request', () => {
  const get = (path: string, version = '1.1'): string =>
    `GET /default/hello/${path} HTTP/${version}\r\nhost: h\r\n\r\n`;

  test.each([
    ['one request', get('1'), ['</1>']],
    ['pipelined ones', get('1') + get('2') + get('3'), ['</1>', '</2>', '</3>']],
    [
      'a body',
      'POST /default/hello/4 HTTP/1.1\r\nhost: h\r\ncontent-length: 3\r\n\r\nabc',
      ['</4>'],
    ],
  ])('gets the answer to %s, and the end of the connection', async (_why, bytes, answers) => {
    const { port } = await startPair((req, res) => {
      setTimeout(() => res.end(`<${req.url ?? ''}>`), req.url === '/1' ? 300 : 0);
    });
    const { socket, text } = halfClosing(port, bytes);
    await new Promise((resolve) => socket.once('end', resolve));
    expect(text().match(/<[^>]*>/g)).toEqual(answers);
    expect(text()).not.toContain(' 100 ');
    socket.destroy();
  });

  test.each([
    ['1.1', 2],
    ['1.0', 0],
  ])('and waits long is greeted, where HTTP/%s has that: %i times', async (version, greetings) => {
    const { port } = await startPair((_req, res) => {
      setTimeout(() => res.end('late'), 2_000);
    });
    const { socket, text } = halfClosing(port, get('', version));
    await new Promise((resolve) => socket.once('end', resolve));
    expect(text().match(/HTTP\/1.1 100 Continue/g) ?? []).toHaveLength(greetings);
    expect(text()).toMatch(/HTTP\/1.1 200 OK\r\n[^]*late/);
    socket.destroy();
  });
});

describe('a client that leaves is noticed', () => {
  test.each([
    ['at once', 0],
    ['after a while', 200],
  ])('%s', async (_when, afterMs) => {
    let aborted = false;
    const { port, lines } = await startPair((req, res) => {
      res.once('close', () => (aborted = true));
      req.resume();
    });
    const socket = connect(port, '127.0.0.1');
    socket.write('GET /default/hello/ HTTP/1.1\r\nhost: h\r\n\r\n');
    await pause(Math.max(afterMs, 5));
    socket.destroy();
    await eventually(() => aborted && lines.length === 1, 'its request is given up');
    expect(lines[0]).toMatchObject({ status: 499, reason: 'ClientLeft' });
    expect((await call(port, { path: '/default/nobody' })).status).toBe(404);
  });
});
