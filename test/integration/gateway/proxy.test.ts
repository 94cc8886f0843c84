import { describe, expect, test } from '@jest/globals';
import { call, raw, reasonOf } from './support/client.ts';
import { APP, HELLO, startPair } from './support/gateway.ts';
import { eventually } from './support/wait.ts';

describe('a request through the gateway', () => {
  test('reaches the function with the rest of the path, and its answer comes back', async () => {
    const { port, agent, lines } = await startPair((_req, res) => {
      res.writeHead(201, { 'x-answer': 'yes', 'content-type': 'text/plain' }).end('hi');
    });
    const reply = await call(port, { path: '/default/hello/a/b?q=%2F..' });
    expect([reply.status, reply.body]).toEqual([201, 'hi']);
    expect(reply.headers['x-answer']).toBe('yes');
    const [request] = agent.requests;
    expect(request?.url).toBe('/a/b?q=%2F..');
    expect(request?.headers).toMatchObject({
      host: `127.0.0.1:${port}`,
      'x-forwarded-for': '127.0.0.1',
      'x-forwarded-proto': 'http',
      'x-forwarded-host': `127.0.0.1:${port}`,
      'osv-faas-function': 'hello',
      'osv-faas-token': `token of vm-1 for ${APP}`,
    });
    await eventually(() => lines.length === 1, 'a line is logged');
    expect(lines[0]).toMatchObject({
      method: 'GET',
      path: '/default/hello/a/b',
      status: 201,
      function: 'default/hello',
      vm: 'vm-1',
      bytesOut: 2,
      attempts: 1,
      reason: '',
      requestId: reply.headers['x-request-id'],
    });
  });

  test.each([
    { path: '/default/hello', sees: '/', why: 'the name alone is the root' },
    { path: '/default/hello?a=1', sees: '/?a=1', why: 'a query may follow the name at once' },
    { path: '/default/hello/', sees: '/', why: 'the slash after the name is the root' },
    { path: '/default/hello/x/', sees: '/x/', why: 'a slash at the end belongs to the function' },
  ])('$path is $sees: $why', async ({ path, sees }) => {
    const { port, agent } = await startPair((_req, res) => res.end());
    await call(port, { path });
    expect(agent.requests[0]?.url).toBe(sees);
  });

  test('a target in absolute form names the host, whatever the header says', async () => {
    const { port, agent, lines } = await startPair((_req, res) => res.end('hi'));
    const head = 'GET http://shop.example:80/default/hello/a?b HTTP/1.1\r\nhost: other\r\n';
    expect(await raw(port, `${head}connection: close\r\n\r\n`)).toMatch(/^HTTP\/1.1 200 /);
    expect(agent.requests[0]?.url).toBe('/a?b');
    expect(agent.requests[0]?.headers).toMatchObject({
      host: 'shop.example:80',
      'x-forwarded-host': 'shop.example:80',
    });
    await eventually(() => lines.length === 1, 'a line is logged');
    expect(lines[0]).toMatchObject({ host: 'shop.example:80', path: '/default/hello/a' });
  });

  test.each([
    ['/default/hello/a', undefined, '/default/hello'],
    ['/default/hello', '/api/', '/api/default/hello'],
    ['/default/hello/a', '//evil.example', '/default/hello'],
    ['/other/a', undefined, undefined],
    ['/other/a', '/api', '/api'],
  ])('of %s behind %j the function is told the prefix %j', async (path, client, prefix) => {
    const routes = [{ ...HELLO, prefix: '/other' }];
    const { port, agent } = await startPair((_req, res) => res.end(), { routes });
    await call(port, {
      path,
      ...(client === undefined ? {} : { headers: { 'x-forwarded-prefix': client } }),
    });
    expect(agent.requests[0]?.headers['x-forwarded-prefix']).toBe(prefix);
  });

  test('a client that speaks HTTP/1.0 gets no interim answer', async () => {
    const { port, agent } = await startPair((req, res) => {
      req.resume().once('end', () => res.end('hi'));
    });
    const head = 'POST /default/hello/ HTTP/1.0\r\nexpect: 100-continue\r\n';
    const text = await raw(port, `${head}content-length: 2\r\n\r\nab`);
    expect(text).toMatch(/^HTTP\/1.1 200 /);
    expect(agent.requests[0]?.headers.expect).toBeUndefined();
  });

  test('a request without a route is answered 404 with a problem that says why', async () => {
    const { port } = await startPair((_req, res) => res.end());
    const reply = await call(port, { path: '/default/nobody/x' });
    expect(reply.status).toBe(404);
    expect(reply.headers['content-type']).toBe('application/problem+json');
    expect(JSON.parse(reply.body)).toMatchObject({
      type: 'urn:osv-faas:problem:RouteUnknown',
      component: 'gateway',
      reason: 'RouteUnknown',
      requestId: reply.headers['x-request-id'],
    });
    expect(reply.body).toContain('nobody');
  });

  test('a gateway that does not know all Functions yet denies none: 503', async () => {
    const routes = { synced: false, subscribe: () => undefined };
    const { port, gateway } = await startPair((_req, res) => res.end(), { deps: { routes } });
    const reply = await call(port);
    expect([reply.status, reasonOf(reply)]).toEqual([503, 'RoutesUnknown']);
    expect(gateway.unready()).toMatch(/Functions are not known/);
  });

  test('methods that the function does not take are answered 405 with Allow', async () => {
    const { port } = await startPair((_req, res) => res.end(), {
      routes: [{ ...HELLO, methods: ['GET', 'PUT'] }],
    });
    const reply = await call(port, { method: 'DELETE' });
    expect([reply.status, reply.headers.allow, reasonOf(reply)]).toEqual([
      405,
      'GET, PUT, HEAD',
      'MethodNotAllowed',
    ]);
  });
});
