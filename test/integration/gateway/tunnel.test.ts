import type { Duplex } from 'node:stream';
import { describe, expect, test } from '@jest/globals';
import WebSocket, { WebSocketServer } from 'ws';
import type { FakeAgent } from './support/agent.ts';
import { call, connectTo } from './support/client.ts';
import { APP, onCleanup, startPair, type Bench, type Settings } from './support/gateway.ts';
import { eventually, pause } from './support/wait.ts';

type Pair = Bench & { readonly agent: FakeAgent };
const ACCEPTED = 'HTTP/1.1 101 Switching Protocols\r\nconnection: upgrade\r\nupgrade: ';

/** A function that sends every message back, and remembers how its peers went. */
async function echo(settings: Settings = {}): Promise<Pair & { readonly codes: number[] }> {
  const pair = await startPair((_req, res) => res.end('plain'), { ...settings, slots: 1 });
  const codes: number[] = [];
  const server = new WebSocketServer({ noServer: true });
  pair.agent.onUpgrade((req, socket) => {
    server.handleUpgrade(req, socket, Buffer.alloc(0), (peer) => {
      peer.on('message', (data, binary) => {
        peer.send(data as Buffer, { binary });
      });
      peer.on('close', (code) => codes.push(code));
    });
  });
  onCleanup(() => {
    server.close();
    return Promise.resolve();
  });
  return { ...pair, codes };
}

async function connected(port: number): Promise<WebSocket & { readonly closed: Promise<number> }> {
  const socket = new WebSocket(`ws://127.0.0.1:${port}/default/hello/chat`);
  const closed = new Promise<number>((resolve) => socket.once('close', resolve));
  await new Promise((resolve, reject) => {
    socket.once('open', resolve);
    socket.once('error', reject);
  });
  return Object.assign(socket, { closed });
}

/** A client that only listens, and a function that the test speaks for. */
async function open(settings: Settings & { readonly protocol: string }): Promise<{
  pair: Pair;
  fn: Duplex;
  client: ReturnType<typeof connectTo>;
  text: () => string;
  heard: () => string;
  ended: Promise<unknown>;
}> {
  const { protocol, ...rest } = settings;
  const pair = await startPair((_req, res) => res.end('plain'), { ...rest, slots: 1 });
  let fn: Duplex | undefined;
  let heard = '';
  pair.agent.onUpgrade((_req, socket) => {
    socket.on('error', () => undefined);
    socket.on('data', (chunk: Buffer) => (heard += chunk.toString('latin1')));
    socket.write(`${ACCEPTED}${protocol}\r\n\r\n`);
    fn = socket;
  });
  const client = connectTo(pair.port);
  client.allowHalfOpen = true;
  let text = '';
  client.on('data', (chunk: Buffer) => (text += chunk.toString('latin1')));
  client.on('error', () => undefined);
  const ended = new Promise((resolve) => client.once('end', resolve));
  client.write(
    `GET /default/hello/ HTTP/1.1\r\nhost: h\r\nconnection: upgrade\r\nupgrade: ${protocol}\r\n\r\n`,
  );
  await eventually(() => text.endsWith('\r\n\r\n'), 'the upgrade');
  if (fn === undefined) throw new Error('the function got no upgrade');
  text = '';
  return { pair, fn, client, text: () => text, heard: () => heard, ended };
}

describe('a tunnel ends with close code 1001', () => {
  test('for its client and for the function, when its VM is taken away: it is released', async () => {
    const { port, operator, codes, lines } = await echo();
    const socket = await connected(port);
    operator.remove(APP, 'vm-1');
    expect(await socket.closed).toBe(1001);
    await eventually(() => operator.of('released').length === 1, 'the VM is released');
    await eventually(() => codes.length === 1, 'the function hears it');
    expect(codes).toEqual([1001]);
    await eventually(() => lines.length === 1, 'the line');
    expect(lines[0]).toMatchObject({ status: 101, reason: 'VmDraining' });
  });

  test('when the gateway stops, which it holds up no longer', async () => {
    const { port, gateway, lines } = await echo({ drainMs: 20_000 });
    const socket = await connected(port);
    const stopped = gateway.stop();
    expect(await socket.closed).toBe(1001);
    await stopped;
    expect(lines[0]).toMatchObject({ status: 101, reason: 'GatewayStopping' });
  });

  test.each([
    { timers: { tunnelMs: 150 }, reason: 'TunnelTimeout', why: 'its time is over' },
    { timers: { tunnelIdleMs: 100 }, reason: 'TunnelIdle', why: 'nothing goes through' },
  ])('when $why', async ({ timers, reason }) => {
    const { port, lines } = await echo({ timers });
    const socket = await connected(port);
    expect(await socket.closed).toBe(1001);
    await eventually(() => lines.length === 1, 'the line');
    expect(lines[0]).toMatchObject({ status: 101, reason });
    expect((await call(port)).body).toBe('plain');
  });
});

test('a tunnel through which something goes is not idle', async () => {
  const { port, lines } = await echo({ timers: { tunnelIdleMs: 250 } });
  const socket = await connected(port);
  for (let count = 0; count < 8; count += 1) {
    await pause(60);
    socket.send('still here');
  }
  expect(lines).toHaveLength(0);
  socket.terminate();
});

test('idle time between two requests does not count against a tunnel on the same connection', async () => {
  const pair = await startPair((_req, res) => res.end('plain'), { timers: { keepAliveMs: 100 } });
  pair.agent.onUpgrade((_req, socket) => {
    socket.write(`${ACCEPTED}echo\r\n\r\n`);
    socket.pipe(socket);
  });
  const client = connectTo(pair.port);
  let text = '';
  client.on('data', (chunk: Buffer) => (text += chunk.toString()));
  const get = 'GET /default/hello/ HTTP/1.1\r\nhost: h\r\n';
  client.write(`${get}\r\n`);
  await eventually(() => text.endsWith('plain'), 'the first answer');
  client.write(`${get}connection: upgrade\r\nupgrade: echo\r\n\r\n`);
  await eventually(() => text.includes('101 Switching'), 'the upgrade');
  await pause(300);
  client.write('marco');
  await eventually(() => text.endsWith('marco'), 'the echo');
  expect(text.match(/HTTP\/1\.1/g)).toHaveLength(2);
  client.destroy();
});

describe('no byte of the gateway’s stands inside of what the function says:', () => {
  const GOING_AWAY = '\u0088\u0002\u0003\u00e9';

  test('the close frame waits for the end of a frame, and nothing follows it', async () => {
    const { pair, fn, client, text, heard, ended } = await open({ protocol: 'websocket' });
    fn.write(Buffer.from('\u0082\u0006abc', 'latin1'));
    await eventually(() => text().endsWith('abc'), 'half a frame');
    pair.operator.remove(APP, 'vm-1');
    await pause(50);
    expect(text()).toBe('\u0082\u0006abc');
    fn.write(Buffer.from('def\u0082\u0001x', 'latin1'));
    await ended;
    expect(text()).toBe(`\u0082\u0006abcdef${GOING_AWAY}`);
    client.write('goodbye');
    await eventually(() => heard() === 'goodbye', 'the function hears the client');
    client.end();
    await eventually(() => pair.operator.of('released').length === 1, 'released');
  });

  test('a frame that never ends is cut', async () => {
    const { pair, fn, client, text, ended } = await open({ protocol: 'websocket' });
    const closed = new Promise((resolve) => client.once('close', resolve));
    fn.write(
      Buffer.from('\u0082\u007f\u007f\u00ff\u00ff\u00ff\u00ff\u00ff\u00ff\u00ffx', 'latin1'),
    );
    await eventually(() => text().endsWith('x'), 'it begins');
    pair.operator.remove(APP, 'vm-1');
    await Promise.race([closed, ended]);
    expect(text()).not.toContain(GOING_AWAY);
    await eventually(() => pair.operator.of('released').length === 1, 'released');
  });

  test('what a function still sends into a frame waits for a client that does not read', async () => {
    const { pair, fn, client, text } = await open({ protocol: 'websocket' });
    fn.write(Buffer.from('\u0082\u007f\0\0\0\0\u00ff\u00ff\u00ff\u00ffx', 'latin1'));
    await eventually(() => text().endsWith('x'), 'it begins');
    client.pause();
    pair.operator.remove(APP, 'vm-1');
    await pause(30);
    fn.write(Buffer.alloc(64 * 1024 * 1024));
    await pause(500);
    expect(fn.writableLength).toBeGreaterThan(0);
    client.destroy();
  });

  test.each(['VM', 'gateway'])('another protocol just ends, when the %s goes', async (who) => {
    const { pair, fn, client, text, ended } = await open({ protocol: 'chat', drainMs: 5_000 });
    fn.write('hello');
    await eventually(() => text() === 'hello', 'a word');
    if (who === 'VM') pair.operator.remove(APP, 'vm-1');
    const stopped = who === 'VM' ? undefined : pair.gateway.stop();
    await ended;
    client.end();
    await stopped;
    expect(text()).toBe('hello');
  });

  test.each(['websocket', 'chat'])(
    'a client of %s that neither reads nor leaves holds up no stop, and gets no HTTP',
    async (protocol) => {
      const { pair, fn, client, text } = await open({ protocol, drainMs: 100 });
      fn.write('x');
      await eventually(() => text() === 'x', 'a byte');
      await pair.gateway.stop();
      expect(text()).not.toContain('HTTP');
      expect(pair.gateway.applications()).toMatchObject({ applications: [{ inFlight: 0 }] });
      client.destroy();
    },
  );
});

test('a refused upgrade whose client stays holds up no stop', async () => {
  const { port, gateway } = await startPair((_req, res) => res.end(), { drainMs: 100 });
  const client = connectTo(port);
  client.allowHalfOpen = true;
  client.on('error', () => undefined);
  client.write('GET /x HTTP/1.1\r\nhost: h\r\nconnection: upgrade\r\nupgrade: websocket\r\n\r\n');
  await new Promise((resolve) => client.once('data', resolve));
  await gateway.stop();
  client.destroy();
});

test('resets on either side at any moment leave nothing behind', async () => {
  const { port, agent, gateway } = await echo();
  for (let round = 0; round < 10; round += 1) {
    const socket = await connected(port);
    socket.on('error', () => undefined);
    socket.send('x'.repeat(100_000));
    if (round % 2 === 0) socket.terminate();
    else agent.kill();
    await socket.closed;
  }
  await eventually(() => {
    const { applications } = gateway.applications() as { applications: { inFlight: number }[] };
    return applications[0]?.inFlight === 0;
  }, 'no slot is held');
});
