import type { ServerResponse } from 'node:http';
import { Agent, get } from 'node:http';
import { describe, expect, test } from '@jest/globals';
import { call, connectTo, open, reasonOf } from './support/client.ts';
import { startPair } from './support/gateway.ts';
import { eventually, pause } from './support/wait.ts';

describe('draining', () => {
  test('loses nothing: what is in flight and what is queued is answered first', async () => {
    const held: ServerResponse[] = [];
    const { port, gateway, operator } = await startPair((_req, res) => void held.push(res), {
      slots: 1,
      drainMs: 5_000,
    });
    const replies = [call(port), call(port), call(port)];
    await eventually(() => operator.of('demand').at(-1)?.applications[0]?.waiting === 2, 'queued');
    const stopped = gateway.stop();
    expect(gateway.unready()).toBe('draining');
    for (let index = 0; index < 3; index += 1) {
      await eventually(() => held.length > index, `request ${index} is at the agent`);
      expect(operator.closed).toBe(false);
      held[index]?.end('done');
    }
    const done = await Promise.all(replies);
    expect(done.map(({ body }) => body)).toEqual(['done', 'done', 'done']);
    expect(done.every(({ headers }) => headers.connection === 'close')).toBe(true);
    await stopped;
    expect(operator.closed).toBe(true);
    await expect(call(port)).rejects.toThrow(/ECONNREFUSED/);
  });

  test('still accepts while load balancers have not noticed', async () => {
    const { port, gateway } = await startPair((_req, res) => res.end('ok'), { drainGraceMs: 150 });
    const stopped = gateway.stop();
    expect((await call(port)).body).toBe('ok');
    await stopped;
  });

  test('kept connections are closed with their next answer, idle ones at once', async () => {
    const { port, gateway } = await startPair((_req, res) => res.end('ok'), { drainGraceMs: 100 });
    const agent = new Agent({ keepAlive: true });
    const ask = (): Promise<string | undefined> =>
      new Promise((resolve, reject) => {
        get({ port, host: '127.0.0.1', path: '/default/hello', agent }, (res) => {
          res.resume().once('end', () => {
            resolve(res.headers.connection);
          });
        }).once('error', reject);
      });
    expect(await ask()).toBe('keep-alive');
    const idle = connectTo(port);
    idle.resume();
    const closed = new Promise((resolve) => idle.once('close', resolve));
    const stopped = gateway.stop();
    expect(await ask()).toBe('close');
    await stopped;
    await closed;
    agent.destroy();
  });

  test('what is not over at the deadline is told so', async () => {
    const { port, gateway, operator } = await startPair(() => undefined, {
      slots: 1,
      drainMs: 100,
    });
    const replies = [call(port), call(port)];
    await eventually(() => operator.of('demand').at(-1)?.applications[0]?.waiting === 1, 'queued');
    await gateway.stop();
    for (const reply of await Promise.all(replies)) {
      expect([reply.status, reasonOf(reply)]).toEqual([503, 'GatewayStopping']);
    }
  });

  test('a client that never reads cannot hold it up', async () => {
    const { port, gateway, agent } = await startPair(
      (_req, res) => void res.write(Buffer.alloc(64 * 1024 * 1024)),
      { drainMs: 100 },
    );
    const client = open(port).end();
    client.on('error', () => undefined);
    client.once('response', (res) => res.pause());
    await eventually(() => agent.requests.length === 1, 'it arrives');
    await pause(50);
    await gateway.stop();
  });

  test('stopping twice is stopping once', async () => {
    const { gateway } = await startPair((_req, res) => res.end());
    await Promise.all([gateway.stop(), gateway.stop()]);
  });
});
