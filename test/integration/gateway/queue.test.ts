import type { ServerResponse } from 'node:http';
import { describe, expect, test } from '@jest/globals';
import { call, connectTo, open, reasonOf } from './support/client.ts';
import { APP, startAgent, startGateway, startPair } from './support/gateway.ts';
import { eventually, pause } from './support/wait.ts';

/** Answers when the test says so, in the order of arrival. */
function holding(): { held: { url: string; res: ServerResponse }[]; handler: Handler } {
  const held: { url: string; res: ServerResponse }[] = [];
  return { held, handler: (req, res) => void held.push({ url: req.url ?? '', res }) };
}
type Handler = Parameters<typeof startPair>[0];

describe('the queue of an application', () => {
  test('a request waits for a VM, the operator hears of it at once, and it is answered', async () => {
    const agent = await startAgent('vm-1', (_req, res) => res.end('at last'));
    const { port, operator, lines } = await startGateway();
    operator.snapshot(APP, []);
    operator.sent.length = 0;
    const replies = [call(port), call(port), call(port)];
    await eventually(() => operator.of('demand').at(-1)?.applications[0]?.waiting === 3, 'demand');
    expect(operator.of('demand')[0]?.level).toBe(false);
    expect(operator.of('demand').at(-1)?.applications[0]).toMatchObject({
      application: APP,
      inFlight: 0,
      arrivals: 3,
      serviceMs: 0,
    });
    operator.add(APP, agent.endpoint(3));
    expect((await Promise.all(replies)).map(({ body }) => body)).toEqual(Array(3).fill('at last'));
    await eventually(() => lines.length === 3, 'lines are logged');
    expect(lines.every(({ queueUs }) => Number(queueUs) > 0)).toBe(true);
  });

  test('first come, first served, and never more in flight than slots', async () => {
    const { held, handler } = holding();
    const { port } = await startPair(handler, { slots: 2 });
    const replies: Promise<unknown>[] = [];
    for (let index = 0; index < 6; index += 1) {
      replies.push(call(port, { path: `/default/hello/${index}` }));
      // One after the other, so that the order of arrival is known.
      await pause(15);
    }
    expect(held.map(({ url }) => url)).toEqual(['/0', '/1']);
    for (let done = 0; done < 6; done += 1) {
      await eventually(() => held.length > done, `request ${done} is at the agent`);
      expect(held.length).toBeLessThanOrEqual(done + 2);
      held[done]?.res.end();
    }
    await Promise.all(replies);
    expect(held.map(({ url }) => url)).toEqual(['/0', '/1', '/2', '/3', '/4', '/5']);
  });

  test('fills the oldest VM first, and the fullest afterwards', async () => {
    const { handler } = holding();
    const [old, young] = [await startAgent('old', handler), await startAgent('young', handler)];
    const { port, operator } = await startGateway();
    operator.snapshot(APP, [young.endpoint(2, 200), old.endpoint(2, 100)]);
    const clients = [];
    for (let index = 0; index < 3; index += 1) {
      const client = open(port);
      client.on('error', () => undefined);
      client.end();
      clients.push(client);
      await eventually(
        () => old.requests.length + young.requests.length === index + 1,
        'it arrives',
      );
    }
    expect([old.requests.length, young.requests.length]).toEqual([2, 1]);
    for (const client of clients) client.destroy();
  });

  test('a full queue answers 503 QueueFull with Retry-After', async () => {
    const { port, operator } = await startGateway({ queue: { count: 1, bytes: 1e6 } });
    operator.snapshot(APP, []);
    const waiting = open(port).end();
    waiting.on('error', () => undefined);
    await operator.heard('demand');
    await eventually(() => operator.of('demand').at(-1)?.applications[0]?.waiting === 1, 'waits');
    const reply = await call(port);
    expect([reply.status, reasonOf(reply), reply.headers['retry-after']]).toEqual([
      503,
      'QueueFull',
      '1',
    ]);
    waiting.destroy();
  });

  test('bytes bound the queue too: what a body may take counts, what is read does not', async () => {
    const { port, operator } = await startGateway({ queue: { count: 100, bytes: 10_000 } });
    operator.snapshot(APP, []);
    const reply = await call(port, { method: 'POST', body: Buffer.alloc(20_000) });
    expect([reply.status, reasonOf(reply)]).toEqual([503, 'QueueFull']);
  });

  test('who waits too long gets 503 QueueTimeout, with the operator’s word', async () => {
    const { port, operator } = await startGateway({ timers: { queueMs: 100 } });
    operator.snapshot(APP, []);
    const first = call(port);
    operator.say({
      type: 'refusal',
      application: APP,
      reason: 'PoolEmpty',
      detail: 'No generic VM is left.',
      final: false,
    });
    const reply = await first;
    expect([reply.status, reasonOf(reply)]).toEqual([503, 'QueueTimeout']);
    expect(reply.body).toContain('The operator says PoolEmpty.');
  });

  test('a final refusal fails everybody who waits at once, in the operator’s name', async () => {
    const { port, operator } = await startGateway();
    operator.snapshot(APP, []);
    const replies = [call(port), call(port)];
    await eventually(() => operator.of('demand').at(-1)?.applications[0]?.waiting === 2, 'waiting');
    operator.say({
      type: 'refusal',
      application: APP,
      reason: 'SourceInvalid',
      detail: 'The archive has another digest.',
      final: true,
    });
    for (const reply of await Promise.all(replies)) {
      expect(JSON.parse(reply.body)).toMatchObject({
        status: 503,
        component: 'operator',
        reason: 'SourceInvalid',
      });
    }
  });

  test('no body is read, and none is asked for, before there is a slot', async () => {
    const { port, operator } = await startGateway();
    operator.snapshot(APP, []);
    let continued = false;
    const client = open(port, { method: 'POST', headers: { expect: '100-continue' } });
    client.on('continue', () => {
      continued = true;
      client.end('the body');
    });
    client.flushHeaders();
    await eventually(() => operator.of('demand').at(-1)?.applications[0]?.waiting === 1, 'waiting');
    await pause(50);
    expect(continued).toBe(false);
    const agent = await startAgent('vm-1', (req, res) => req.pipe(res));
    operator.add(APP, agent.endpoint());
    const body = await new Promise<string>((resolve) => {
      client.once('response', (res) => {
        let text = '';
        res.on('data', (chunk: Buffer) => (text += chunk.toString()));
        res.once('end', () => {
          resolve(text);
        });
      });
    });
    expect([continued, body]).toEqual([true, 'the body']);
  });

  test('a client that leaves the queue gives up its place', async () => {
    const { held, handler } = holding();
    const { port, operator, gateway, lines } = await startPair(handler, { slots: 1 });
    const first = open(port).end();
    first.on('error', () => undefined);
    await eventually(() => held.length === 1, 'the first is at the agent');
    const second = open(port).end();
    second.on('error', () => undefined);
    await eventually(() => operator.of('demand').at(-1)?.applications[0]?.waiting === 1, 'waits');
    second.destroy();
    await eventually(() => lines.length === 1, 'the second is accounted for');
    expect(lines[0]).toMatchObject({ status: 499, reason: 'ClientLeft', attempts: 0 });
    expect(gateway.applications()).toMatchObject({ applications: [{ waiting: 0, inFlight: 1 }] });
    first.destroy();
  });

  test('a client that leaves in flight frees the slot, and the agent notices', async () => {
    const { held, handler } = holding();
    const { port, agent } = await startPair(handler, { slots: 1 });
    const first = open(port).end();
    first.on('error', () => undefined);
    await eventually(() => held.length === 1, 'the first is at the agent');
    const gone = new Promise((resolve) => held[0]?.res.once('close', resolve));
    const second = call(port);
    first.destroy();
    await gone;
    await eventually(() => held.length === 2, 'the second has the slot');
    held[1]?.res.end('ok');
    expect((await second).body).toBe('ok');
    expect(agent.opened).toBe(2);
  });

  test('connections are kept: a hundred requests one after the other use one', async () => {
    const { port, agent } = await startPair((_req, res) => res.end('x'));
    for (let index = 0; index < 100; index += 1) await call(port);
    expect(agent.opened).toBe(1);
  });

  test('pipelined requests are answered in their order', async () => {
    const { port } = await startPair((req, res) => {
      setTimeout(() => res.end(`<${req.url ?? ''}>`), req.url === '/1' ? 40 : 0);
    });
    const socket = connectTo(port);
    let text = '';
    socket.on('data', (chunk: Buffer) => (text += chunk.toString()));
    const get = (path: string, more = ''): string =>
      `GET /default/hello/${path} HTTP/1.1\r\nhost: h\r\n${more}\r\n`;
    socket.write(get('1') + get('2') + get('3', 'connection: close\r\n'));
    await new Promise((resolve) => socket.once('close', resolve));
    expect(text.match(/<[^>]*>/g)).toEqual(['</1>', '</2>', '</3>']);
  });
});
