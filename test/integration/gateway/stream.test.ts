import type { IncomingMessage, ServerResponse } from 'node:http';
import { describe, expect, test } from '@jest/globals';
import { call, connectTo, open, raw } from './support/client.ts';
import { startPair } from './support/gateway.ts';
import { eventually, pause } from './support/wait.ts';

function response(client: ReturnType<typeof open>): Promise<IncomingMessage> {
  return new Promise((resolve, reject) => {
    client.once('response', resolve);
    client.once('error', reject);
  });
}

function next(stream: IncomingMessage): Promise<string> {
  return new Promise((resolve) => {
    stream.once('data', (chunk: Buffer) => {
      resolve(chunk.toString());
    });
  });
}

/** More than all buffers on the way together. */
const MUCH = 64 * 1024 * 1024;

describe('streaming', () => {
  test('the head of an answer arrives before its body, each piece before the next', async () => {
    let answer: ServerResponse | undefined;
    const { port } = await startPair((_req, res) => {
      answer = res;
      res.flushHeaders();
    });
    const res = await response(open(port).end());
    for (const piece of ['one', 'two']) {
      const arrived = next(res);
      answer?.write(piece);
      expect(await arrived).toBe(piece);
    }
    answer?.end();
    await new Promise((resolve) => res.resume().once('end', resolve));
  });

  test('a body reaches the function piece by piece, and both ways flow at once', async () => {
    const { port } = await startPair((req, res) => req.pipe(res));
    const client = open(port, { method: 'POST' });
    client.write('ping');
    const res = await response(client);
    expect(await next(res)).toBe('ping');
    const arrived = next(res);
    client.write('pong');
    expect(await arrived).toBe('pong');
    client.end();
    await new Promise((resolve) => res.resume().once('end', resolve));
  });

  test('a client that does not read stops the function, and gets everything in the end', async () => {
    let sent = 0;
    const { port } = await startPair((_req, res) => {
      const piece = Buffer.alloc(64 * 1024, 'x');
      const more = (): void => {
        while (sent < MUCH) {
          sent += piece.length;
          if (!res.write(piece)) {
            res.once('drain', more);
            return;
          }
        }
        res.end();
      };
      more();
    });
    const socket = connectTo(port);
    socket.pause();
    socket.write('GET /default/hello/ HTTP/1.1\r\nhost: h\r\nconnection: close\r\n\r\n');
    await eventually(() => sent > 0, 'the answer begins');
    await pause(300);
    const held = sent;
    expect(held).toBeLessThan(MUCH);
    let got = 0;
    socket.on('data', (chunk: Buffer) => (got += chunk.length));
    socket.resume();
    await new Promise((resolve) => socket.once('close', resolve));
    expect(got).toBeGreaterThanOrEqual(MUCH);
  });

  test('a function that does not read stops the client', async () => {
    let req: IncomingMessage | undefined;
    const { port } = await startPair((request, res) => {
      req = request;
      let bytes = 0;
      request.on('data', (chunk: Buffer) => (bytes += chunk.length));
      request.pause();
      request.once('end', () => res.end(String(bytes)));
    });
    const client = open(port, { method: 'PUT', headers: { 'content-length': String(MUCH) } });
    const piece = Buffer.alloc(64 * 1024);
    let sent = 0;
    const more = (): void => {
      while (sent < MUCH) {
        sent += piece.length;
        if (!client.write(piece)) {
          client.once('drain', more);
          return;
        }
      }
      client.end();
    };
    more();
    await eventually(() => req !== undefined, 'the request arrives');
    await pause(300);
    expect(sent).toBeLessThan(MUCH);
    req?.resume();
    expect(await next(await response(client))).toBe(String(MUCH));
  });

  test('a chunked body stays chunked, whatever its pieces', async () => {
    const { port, agent } = await startPair((req, res) => req.pipe(res));
    const head = 'POST /default/hello/ HTTP/1.1\r\nhost: h\r\nconnection: close\r\n';
    const body = '4\r\nwiki\r\n5;ext=1\r\npedia\r\n0\r\ntrailer: x\r\n\r\n';
    const text = await raw(port, `${head}transfer-encoding: chunked\r\n\r\n${body}`);
    expect(text).toContain('wiki');
    expect(text).toContain('pedia');
    expect(agent.requests[0]?.headers['transfer-encoding']).toBe('chunked');
    expect(agent.requests[0]?.headers.trailer).toBeUndefined();
  });

  test.each([
    { method: 'HEAD', status: 200, length: '5', why: 'HEAD has the length of what GET would send' },
    { method: 'GET', status: 204, length: undefined, why: '204 has no body' },
    { method: 'GET', status: 304, length: undefined, why: '304 has no body' },
  ])('$method $status: $why', async ({ method, status, length }) => {
    const { port, agent } = await startPair((req, res) => {
      res.writeHead(status, req.method === 'HEAD' ? { 'content-length': '5' } : {}).end();
    });
    for (let times = 0; times < 2; times += 1) {
      const reply = await call(port, { method });
      expect([reply.status, reply.body, reply.headers['content-length']]).toEqual([
        status,
        '',
        length,
      ]);
    }
    expect(agent.opened).toBe(1);
  });

  test('an answer that ends with its connection ends so for the client too', async () => {
    const { port } = await startPair((_req, res) => {
      res.socket?.end('HTTP/1.0 200 OK\r\ncontent-type: text/plain\r\n\r\nuntil the end');
    });
    expect((await call(port)).body).toBe('until the end');
  });

  test('an early answer reaches a client that is still sending', async () => {
    const { port } = await startPair((_req, res) => {
      res.writeHead(413).end('enough');
    });
    const reply = await call(port, { method: 'POST', body: Buffer.alloc(500_000) });
    expect([reply.status, reply.body]).toEqual([413, 'enough']);
  });

  test('informational answers stay between agent and gateway', async () => {
    const { port } = await startPair((_req, res) => {
      res.writeEarlyHints({ link: '</a>; rel=preload' });
      res.end('final');
    });
    expect((await call(port)).body).toBe('final');
  });
});

describe('headers', () => {
  test('of one hop are not passed on, in either direction', async () => {
    const { port, agent } = await startPair((_req, res) => {
      res.writeHead(200, {
        connection: 'keep-alive, x-hop',
        'x-hop': '1',
        'x-kept': '1',
        'keep-alive': 'timeout=99',
        'proxy-authenticate': 'Basic',
        'osv-faas-secret': '1',
        'set-cookie': ['a=1', 'b=2'],
      });
      res.end();
    });
    const reply = await call(port, {
      headers: {
        connection: 'close, x-mine',
        'x-mine': '1',
        te: 'trailers',
        'proxy-authorization': 'Basic eA==',
        'osv-faas-token': 'forged',
        'osv-faas-function': 'other',
        'x-forwarded-for': '203.0.113.9',
        authorization: 'Bearer mine',
      },
    });
    const seen = agent.requests[0]?.headers ?? {};
    expect(seen).toMatchObject({
      authorization: 'Bearer mine',
      'osv-faas-function': 'hello',
      'x-forwarded-for': '203.0.113.9, 127.0.0.1',
    });
    expect(seen['osv-faas-token']).toMatch(/^token of vm-1/);
    for (const name of ['x-mine', 'te', 'proxy-authorization']) expect(seen[name]).toBeUndefined();
    expect(reply.headers['set-cookie']).toEqual(['a=1', 'b=2']);
    expect(reply.headers['x-kept']).toBe('1');
    for (const name of ['x-hop', 'osv-faas-secret', 'proxy-authenticate']) {
      expect(reply.headers[name]).toBeUndefined();
    }
    expect(reply.headers['keep-alive']).not.toBe('timeout=99');
  });

  test('Connection cannot take away what frames or names the request', async () => {
    const { port, agent } = await startPair((req, res) => req.pipe(res));
    const reply = await call(port, {
      method: 'POST',
      body: 'body',
      headers: { connection: 'close, content-length, host, osv-faas-token, x-request-id' },
    });
    expect(reply.body).toBe('body');
    expect(agent.requests[0]?.headers).toMatchObject({ 'content-length': '4' });
    expect(agent.requests[0]?.headers['osv-faas-token']).toMatch(/^token of vm-1/);
  });

  test.each([
    { given: 'my-id_1.2', kept: true, why: 'printable and short' },
    { given: 'a b', kept: false, why: 'a space' },
    { given: 'x'.repeat(129), kept: false, why: 'too long' },
    { given: '"quoted"', kept: false, why: 'quotes' },
  ])('x-request-id $given is kept: $kept ($why)', async ({ given, kept }) => {
    const { port, agent } = await startPair((_req, res) => res.end());
    const reply = await call(port, { headers: { 'x-request-id': given } });
    const id = String(reply.headers['x-request-id']);
    expect(id === given).toBe(kept);
    expect(id).toMatch(kept ? /./ : /^[0-9a-f]{32}$/);
    expect(agent.requests[0]?.headers['osv-faas-request-id']).toBe(id);
  });

  const trace = '00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01';
  test.each([
    { given: trace, kept: true, why: 'the client’s trace goes on' },
    {
      given: trace.replace('0af7651916cd43dd8448eb211c80319c', '0'.repeat(32)),
      kept: false,
      why: 'all zeros is no trace',
    },
    { given: 'nonsense', kept: false, why: 'what cannot be read begins anew' },
  ])('traceparent $given: $why', async ({ given, kept }) => {
    const { port, agent } = await startPair((_req, res) => res.end());
    await call(port, { headers: { traceparent: given, tracestate: 'k=v' } });
    const seen = agent.requests[0]?.headers ?? {};
    expect(seen['traceparent']).toMatch(/^00-[0-9a-f]{32}-[0-9a-f]{16}-0[01]$/);
    expect(seen['traceparent'] === given).toBe(kept);
    expect(seen['tracestate']).toBe(kept ? 'k=v' : undefined);
  });
});
