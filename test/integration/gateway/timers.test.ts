import { describe, expect, test } from '@jest/globals';
import { call, open, reasonOf } from './support/client.ts';
import { HELLO, startPair } from './support/gateway.ts';
import { eventually, pause } from './support/wait.ts';

describe('timers', () => {
  test('no first byte in time is 504 FirstByteTimeout, and the VM rests', async () => {
    const { port, operator, agent } = await startPair(() => undefined, {
      timers: { firstByteMs: 60 },
    });
    const reply = await call(port);
    expect([reply.status, reasonOf(reply)]).toEqual([504, 'FirstByteTimeout']);
    expect(operator.of('suspect')[0]?.reason).toBe('FirstByteTimeout');
    await eventually(() => agent.connections.size === 0, 'the agent’s connection is closed');
  });

  test('no answer within the function’s timeout and the grace is 504 TotalTimeout', async () => {
    const { port } = await startPair(() => undefined, {
      routes: [{ ...HELLO, timeoutMs: 50 }],
      timers: { graceMs: 30 },
    });
    const reply = await call(port);
    expect([reply.status, reasonOf(reply)]).toEqual([504, 'TotalTimeout']);
  });

  test('an answer that does not end in time is broken off, and its VM rests', async () => {
    const { port, lines, operator } = await startPair((_req, res) => void res.write('begun'), {
      routes: [{ ...HELLO, timeoutMs: 50 }],
      timers: { graceMs: 30, firstByteMs: 40 },
    });
    await expect(call(port)).rejects.toThrow(/aborted|hang up|ECONNRESET/);
    await eventually(() => lines.length === 1, 'a line is logged');
    expect(lines[0]).toMatchObject({ status: 200, reason: 'TotalTimeout' });
    expect(operator.of('suspect')).toMatchObject([{ reason: 'TotalTimeout' }]);
  });

  test('a client that does not read its answer is cut off in time, and no VM is blamed', async () => {
    const { port, lines, operator, gateway } = await startPair(
      (_req, res) => void res.end(Buffer.alloc(64 * 1024 * 1024)),
      { routes: [{ ...HELLO, timeoutMs: 500 }], timers: { graceMs: 500 } },
    );
    const client = open(port).end();
    client.on('error', () => undefined);
    client.once('response', (res) => res.pause().on('error', () => undefined));
    await eventually(() => lines.length === 1, 'a line is logged');
    expect(lines[0]).toMatchObject({ status: 200, reason: 'TotalTimeout' });
    expect(operator.of('suspect')).toEqual([]);
    expect(gateway.applications()).toMatchObject({ applications: [{ vms: [{ strikes: 0 }] }] });
    client.destroy();
  });

  test('connections that nobody uses are closed', async () => {
    const { port, agent } = await startPair((_req, res) => res.end(), {
      timers: { upstreamIdleMs: 50 },
    });
    await call(port);
    expect(agent.connections.size).toBe(1);
    await eventually(() => agent.connections.size === 0, 'the idle connection is closed');
  });

  test('a client that stops in the middle of its body is told so, and frees the slot', async () => {
    const { port, agent } = await startPair((req, res) => req.pipe(res), {
      slots: 1,
      timers: { bodyIdleMs: 60 },
    });
    const client = open(port, { method: 'POST', headers: { 'content-length': '100' } });
    client.on('error', () => undefined);
    const closed = new Promise((resolve) => client.once('close', resolve));
    client.write('some');
    await closed;
    expect(agent.requests).toHaveLength(1);
    await pause(10);
    expect((await call(port, { method: 'POST', body: 'ok' })).body).toBe('ok');
  });
});
