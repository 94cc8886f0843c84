import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { describe, expect, test } from '@jest/globals';
import { call, connectTo, reasonOf } from './support/client.ts';
import { APP, onCleanup, startAgent, startGateway } from './support/gateway.ts';
import { pause } from './support/wait.ts';

/** Listens, accepts nothing, and lets the kernel hold one connection. */
const DEAF = `
const server = require('node:net').createServer();
server.listen({ port: 0, host: '127.0.0.1', backlog: 1 }, () => {
  require('node:fs').writeSync(1, String(server.address().port));
  Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0);
});`;

/** A port at which new connections hang: what the kernel holds for the listener is full. */
async function deafPort(): Promise<number> {
  const child = spawn(process.execPath, ['-e', DEAF], { stdio: ['ignore', 'pipe', 'ignore'] });
  const [chunk] = (await once(child.stdout, 'data')) as [Buffer];
  const port = Number(chunk.toString());
  const fillers = Array.from({ length: 8 }, () => connectTo(port));
  for (const filler of fillers) filler.on('error', () => undefined);
  onCleanup(async () => {
    for (const filler of fillers) filler.destroy();
    child.kill('SIGKILL');
    await once(child, 'exit');
  });
  await pause(50);
  return port;
}

describe('a VM that does not even accept', () => {
  test('costs the connect timeout, then another VM has the request', async () => {
    const deaf = { vmId: 'deaf', address: `127.0.0.1:${await deafPort()}`, slots: 4, boundAt: 1 };
    const alive = await startAgent('alive', (req, res) => req.pipe(res));
    const { port, operator } = await startGateway({ timers: { connectMs: 80 } });
    operator.snapshot(APP, [deaf, alive.endpoint(4, 2)]);
    expect((await call(port, { method: 'POST', body: 'whole' })).body).toBe('whole');
    expect(operator.of('suspect')).toEqual([
      { type: 'suspect', vmId: 'deaf', reason: 'ConnectTimeout' },
    ]);
  });

  test('is 504 ConnectTimeout when there is no other', async () => {
    const deaf = { vmId: 'deaf', address: `127.0.0.1:${await deafPort()}`, slots: 4, boundAt: 1 };
    const { port, operator } = await startGateway({ timers: { connectMs: 80 }, maxAttempts: 1 });
    operator.snapshot(APP, [deaf]);
    const reply = await call(port);
    expect([reply.status, reasonOf(reply)]).toEqual([504, 'ConnectTimeout']);
  });
});
