import { describe, expect, test } from '@jest/globals';
import { call, connectTo, raw, reasonOf } from './support/client.ts';
import { startPair } from './support/gateway.ts';

const HEAD = 'POST /default/hello/ HTTP/1.1\r\nhost: h\r\n';
/** What an attacker hopes that the agent takes for a request of its own. */
const SMUGGLED = 'GET /default/hello/admin HTTP/1.1\r\nhost: h\r\nx: ';

describe('request smuggling', () => {
  test.each([
    {
      bytes: `${HEAD}content-length: 4\r\ntransfer-encoding: chunked\r\n\r\n0\r\n\r\n${SMUGGLED}`,
      status: 400,
      why: 'a length and an encoding (CL.TE)',
    },
    {
      bytes: `${HEAD}transfer-encoding: chunked\r\ncontent-length: 4\r\n\r\n5c\r\n${SMUGGLED}`,
      status: 400,
      why: 'an encoding and a length (TE.CL)',
    },
    {
      bytes: `${HEAD}content-length: 0\r\ncontent-length: 44\r\n\r\n${SMUGGLED}`,
      status: 400,
      why: 'two lengths',
    },
    {
      bytes: `${HEAD}content-length: 0, 44\r\n\r\n${SMUGGLED}`,
      status: 400,
      why: 'two lengths in one header',
    },
    {
      bytes: `${HEAD}content-length: +4\r\n\r\nbody`,
      status: 400,
      why: 'a sign before the length',
    },
    {
      bytes: `${HEAD}content-length: 0x4\r\n\r\nbody`,
      status: 400,
      why: 'a length in hexadecimal',
    },
    {
      bytes: `${HEAD}content-length : 4\r\n\r\nbody`,
      status: 400,
      why: 'a space before the colon',
    },
    {
      bytes: `${HEAD}transfer-encoding: chunked\r\ntransfer-encoding: identity\r\n\r\n0\r\n\r\n`,
      status: 400,
      why: 'two encodings (TE.TE)',
    },
    {
      bytes: `${HEAD}transfer-encoding: gzip, chunked\r\n\r\n0\r\n\r\n`,
      status: 501,
      why: 'an encoding that would be passed on undone',
    },
    {
      bytes: `${HEAD}transfer-encoding: xchunked\r\n\r\n0\r\n\r\n`,
      status: 501,
      why: 'almost an encoding',
    },
    {
      bytes: `${HEAD}transfer-encoding:\u000bchunked\r\n\r\n0\r\n\r\n`,
      status: 400,
      why: 'a vertical tab before the encoding',
    },
    {
      bytes: `${HEAD}transfer-encoding: chunked\r\n\r\nzz\r\n`,
      status: 400,
      why: 'a chunk size that is none',
    },
    {
      bytes: `${HEAD}transfer-encoding: chunked\r\n\r\n3\r\nabcdef\r\n0\r\n\r\n`,
      status: 400,
      why: 'a chunk longer than its size',
    },
    {
      bytes: `${HEAD}transfer-encoding: chunked\r\n\r\n-1\r\n\r\n`,
      status: 400,
      why: 'a negative chunk size',
    },
    { bytes: `POST /default/hello/ HTTP/1.1\r\n\r\n`, status: 400, why: 'no host' },
    { bytes: `${HEAD}host: other\r\n\r\n`, status: 400, why: 'two hosts' },
    { bytes: `${HEAD}a: b\r\n c: d\r\n\r\n`, status: 400, why: 'a folded header' },
    { bytes: `${HEAD}a\u0000b: c\r\n\r\n`, status: 400, why: 'a zero byte in a name' },
    { bytes: `${HEAD}a: b\nc: d\r\n\r\n`, status: 400, why: 'a bare line feed' },
    { bytes: `${HEAD}a: b\rc: d\r\n\r\n`, status: 400, why: 'a bare carriage return' },
    {
      bytes: `GET /default/hello/ HTTP/2.0\r\nhost: h\r\n\r\n`,
      status: 505,
      why: 'a version that is spoken differently',
    },
    { bytes: `GET /default/hello/ HTTP/3.7\r\nhost: h\r\n\r\n`, status: 400, why: 'no version' },
    { bytes: `BREW / HTTP/1.1\r\nhost: h\r\n\r\n`, status: 400, why: 'no method of HTTP' },
    { bytes: '\u0016\u0003\u0001\u0000\u0000', status: 400, why: 'TLS on the plain port' },
    { bytes: `CONNECT h:80 HTTP/1.1\r\nhost: h\r\n\r\n`, status: 501, why: 'no proxy' },
    {
      bytes: `POST /default/hello/ HTTP/1.0\r\ntransfer-encoding: chunked\r\n\r\n0\r\n\r\n`,
      status: 400,
      why: 'an encoding in HTTP/1.0',
    },
    { bytes: `${HEAD}expect: miracles\r\n\r\n`, status: 417, why: 'an expectation' },
  ])('$why is $status, and the agent sees no second request', async ({ bytes, status }) => {
    const { port, agent } = await startPair((req, res) => {
      req.on('error', () => undefined);
      req.resume();
      req.once('end', () => res.end('taken'));
    });
    const text = await raw(port, bytes, 500);
    expect(text).toMatch(new RegExp(`^HTTP/1\\.1 ${status} `));
    expect(text).toContain('application/problem+json');
    expect(text.match(/^HTTP\/1\.1 /gm)).toHaveLength(1);
    expect(agent.requests.filter(({ url }) => url !== '/')).toEqual([]);
  });

  test.each([0, 50])('CONNECT behind a request that takes %d ms is not its answer', async (ms) => {
    const { port } = await startPair((_req, res) => {
      setTimeout(() => res.end('slow'), ms);
    });
    const get = 'GET /default/hello/ HTTP/1.1\r\nhost: h\r\n\r\n';
    const text = await raw(port, `${get}CONNECT h:80 HTTP/1.1\r\nhost: h\r\n\r\n`, 500);
    expect(text).not.toContain('501');
    expect((await call(port)).body).toBe('slow');
  });

  test('a client’s lone header for the agent’s control calls leads nowhere', async () => {
    const { port, agent } = await startPair((_req, res) => res.end());
    await call(port, { path: '/default/hello/.osv-faas/drain', method: 'POST' });
    // It is an invocation like any other: the agent goes by the header, which is the gateway's.
    expect(agent.requests[0]?.headers['osv-faas-function']).toBe('hello');
    expect((await call(port, { path: '/.osv-faas/drain', method: 'POST' })).status).toBe(404);
  });
});

describe('what is too large', () => {
  test('a head of more than the bound is 431', async () => {
    const { port, agent } = await startPair((_req, res) => res.end());
    const text = await raw(port, `${HEAD}a: ${'x'.repeat(20_000)}\r\n\r\n`);
    expect(text).toMatch(/^HTTP\/1\.1 431 /);
    expect(text).toContain('HeadersTooLarge');
    expect(agent.requests).toHaveLength(0);
  });

  test('a target of more than the bound is 431 too', async () => {
    const { port } = await startPair((_req, res) => res.end());
    const text = await raw(port, `GET /${'x'.repeat(20_000)} HTTP/1.1\r\nhost: h\r\n\r\n`);
    expect(text).toMatch(/^HTTP\/1\.1 431 /);
  });

  test('a body that says that it is too long is 413 before anybody reads it', async () => {
    const { port, agent } = await startPair((_req, res) => res.end(), { maxBodyBytes: 1_000 });
    const reply = await call(port, { method: 'POST', body: Buffer.alloc(1_001) });
    expect([reply.status, reasonOf(reply)]).toEqual([413, 'BodyTooLarge']);
    expect(agent.requests).toHaveLength(0);
  });

  test('exactly the bound is let through', async () => {
    const { port } = await startPair((req, res) => req.pipe(res), { maxBodyBytes: 1_000 });
    expect((await call(port, { method: 'POST', body: Buffer.alloc(1_000) })).status).toBe(200);
  });

  test('a body that turns out to be too long is 413, and the function’s request is broken off', async () => {
    let broken = false;
    const { port } = await startPair(
      (req) => {
        req.on('error', () => (broken = true));
        req.resume();
      },
      { maxBodyBytes: 1_000 },
    );
    const reply = await call(port, {
      method: 'POST',
      body: Buffer.alloc(5_000),
      headers: { 'transfer-encoding': 'chunked' },
    });
    expect([reply.status, reasonOf(reply)]).toEqual([413, 'BodyTooLarge']);
    await new Promise((resolve) => setTimeout(resolve, 20));
    expect(broken).toBe(true);
  });

  test('the connection is good for another request after a small refused body', async () => {
    const { port } = await startPair((_req, res) => res.end('fine'), { maxBodyBytes: 10 });
    const refused = `${HEAD}content-length: 20\r\n\r\n${'x'.repeat(20)}`;
    const good = 'GET /default/hello/ HTTP/1.1\r\nhost: h\r\nconnection: close\r\n\r\n';
    const text = await raw(port, refused + good);
    expect(text).toMatch(/^HTTP\/1\.1 413 [^]*HTTP\/1\.1 200 [^]*fine/);
  });
});

describe('who is too slow', () => {
  test('a head that does not come to an end is 408', async () => {
    const { port } = await startPair((_req, res) => res.end(), { timers: { headersMs: 100 } });
    const text = await raw(port, 'GET /default/hello/ HTTP/1.1\r\nhost: h\r\n');
    expect(text).toMatch(/^HTTP\/1\.1 408 /);
    expect(text).toContain('HeadersTimeout');
  });

  test('a body that stops coming is 408', async () => {
    const { port } = await startPair((req) => req.on('error', () => undefined).resume(), {
      timers: { bodyIdleMs: 80 },
    });
    const text = await raw(port, `${HEAD}content-length: 10\r\n\r\nabc`, 1_000);
    expect(text).toMatch(/^HTTP\/1\.1 408 /);
    expect(text).toContain('BodyTimeout');
  });

  test('a connection without a request is closed after a while', async () => {
    const { port } = await startPair((_req, res) => res.end(), { timers: { keepAliveMs: 100 } });
    const socket = connectTo(port);
    socket.write('GET /default/hello/ HTTP/1.1\r\nhost: h\r\n\r\n');
    socket.resume();
    await new Promise((resolve) => socket.once('close', resolve));
  });
});

describe('bad paths', () => {
  test.each([
    '/default/hello/../other',
    '/default/hello/%2e%2e/other',
    '/default/hello//x',
    '/default%2fhello/x',
    '/default/hello/%00',
    'http://u:p@h/default/hello/',
    'http:///default/hello/',
    'ftp://h/default/hello/',
    '*',
  ])('%s is 400 TargetInvalid', async (path) => {
    const { port, agent } = await startPair((_req, res) => res.end());
    const text = await raw(port, `GET ${path} HTTP/1.1\r\nhost: h\r\nconnection: close\r\n\r\n`);
    expect(text).toMatch(/^HTTP\/1\.1 400 /);
    expect(text).toContain('TargetInvalid');
    expect(agent.requests).toHaveLength(0);
  });
});

test('what adds up does so once, although Connection names another header', async () => {
  const { port, agent } = await startPair((_req, res) => res.end());
  const headers = {
    connection: 'x-hop',
    'x-hop': '1',
    traceparent: '00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01',
    tracestate: 'a=b',
    'x-forwarded-for': '10.0.0.1',
  };
  await call(port, { headers });
  const seen = agent.requests[0]?.headers;
  expect(seen?.['tracestate']).toBe('a=b');
  expect(seen?.['x-forwarded-for']).toBe('10.0.0.1, 127.0.0.1');
  expect(seen?.['x-hop']).toBeUndefined();
});
