import type { ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterEach, describe, expect, test } from '@jest/globals';
import { WebSocketServer, type WebSocket } from 'ws';
import {
  encode,
  STREAM_PATH,
  type Demand,
  type GatewayMessage,
} from '../../../src/api/gateway-protocol.ts';
import { OperatorStream } from '../../../src/gateway/control/stream.ts';
import { systemClock } from '../../../src/runtime/clock.ts';
import { silentLogger } from '../../../src/runtime/log.ts';
import { call } from './support/client.ts';
import { APP, onCleanup, startAgent, startGateway, startPair } from './support/gateway.ts';
import type { FakeOperator } from './support/operator.ts';
import { eventually, pause } from './support/wait.ts';

test('routes: an operator that comes (again) hears up to where they are known', async () => {
  const { operator } = await startGateway();
  const known = { type: 'routes', resourceVersion: '41' };
  expect(operator.of('routes')).toEqual([known]);
  operator.comeBack();
  expect(operator.of('routes')).toEqual([known, known]);
});

describe('endpoints', () => {
  test('a VM that is taken away gets nothing more, and is released when nothing is in flight', async () => {
    const held: ServerResponse[] = [];
    const { port, operator } = await startPair((_req, res) => void held.push(res));
    const first = call(port);
    await eventually(() => held.length === 1, 'in flight');
    operator.remove(APP, 'vm-1');
    const other = await startAgent('vm-2', (_req, res) => res.end('other'));
    operator.add(APP, other.endpoint());
    expect((await call(port)).body).toBe('other');
    expect(operator.of('released')).toEqual([]);
    held[0]?.end('first');
    expect((await first).body).toBe('first');
    expect(operator.of('released')).toEqual([{ type: 'released', vmId: 'vm-1' }]);
  });

  test('an idle VM that is taken away is released at once, its connections closed', async () => {
    const { port, operator, agent } = await startPair((_req, res) => res.end());
    await call(port);
    operator.remove(APP, 'vm-1');
    expect(operator.of('released')).toEqual([{ type: 'released', vmId: 'vm-1' }]);
    await eventually(() => agent.connections.size === 0, 'connections are closed');
  });

  test('a VM that a snapshot lacks goes the same way; one that it has stays as it is', async () => {
    const { port, operator, agent } = await startPair((_req, res) => res.end('same'));
    const extra = { vmId: 'vm-9', address: '127.0.0.1:9', slots: 1, boundAt: 9 };
    operator.add(APP, extra);
    await call(port);
    operator.snapshot(APP, [agent.endpoint(4)]);
    expect(operator.of('released')).toEqual([{ type: 'released', vmId: 'vm-9' }]);
    expect((await call(port)).body).toBe('same');
    expect(agent.opened).toBe(1);
  });

  test('a VM that comes back with what is in flight is not released', async () => {
    const held: ServerResponse[] = [];
    const { port, operator, agent } = await startPair((_req, res) => void held.push(res));
    const first = call(port);
    await eventually(() => held.length === 1, 'in flight');
    operator.remove(APP, 'vm-1');
    operator.add(APP, agent.endpoint(4));
    held[0]?.end('kept');
    expect((await first).body).toBe('kept');
    expect(operator.of('released')).toEqual([]);
  });

  test('a VM of one application never gets another’s requests', async () => {
    const { port, operator } = await startPair((_req, res) => res.end(), {
      timers: { queueMs: 50 },
    });
    operator.say({
      type: 'snapshot',
      applications: [
        {
          application: 'default/other@default/node',
          endpoints: [{ vmId: 'vm-1', address: '127.0.0.1:1', slots: 4, boundAt: 0 }],
        },
      ],
    });
    expect((await call(port)).status).toBe(503);
  });

  test('messages of a newer operator are no reason to stop', async () => {
    const { port, operator } = await startPair((_req, res) => res.end('fine'));
    operator.say({ type: 'welcome', version: 1, operator: 'o' });
    operator.say({ type: 'from-the-future' } as never);
    operator.say({ type: 'bound', application: APP, vmId: 'vm-1', phases: { send: 2, load: 5 } });
    expect((await call(port)).body).toBe('fine');
  });
});

describe('demand', () => {
  const levels = (operator: FakeOperator): readonly (readonly Demand[])[] =>
    operator.of('demand').flatMap((one) => (one.level ? [one.applications] : []));

  test('is sent when the stream opens and every second, of applications in which something happens', async () => {
    const { port, operator } = await startPair((_req, res) => res.end());
    await call(port);
    const told = (): Demand | undefined => levels(operator).find(([one]) => one !== undefined)?.[0];
    await eventually(() => told() !== undefined, 'a level');
    expect(told()).toMatchObject({ application: APP, inFlight: 0, waiting: 0, oldestWaitMs: 0 });
    expect(told()?.arrivals).toBe(1);
    expect(told()?.serviceMs).toBeGreaterThan(0);
    await eventually(() => levels(operator).at(-1)?.length === 0, 'a level of nothing');
    await call(port);
    await eventually(() => levels(operator).at(-1)?.length === 1, 'a level again');
    // Of one that was left out, counting begins anew.
    expect(levels(operator).at(-1)?.[0]?.arrivals).toBe(1);
  });

  test('what runs is in every level', async () => {
    const held: ServerResponse[] = [];
    const { port, operator } = await startPair((_req, res) => void held.push(res));
    const first = call(port);
    await eventually(() => held.length === 1, 'in flight');
    const before = levels(operator).length;
    await eventually(() => levels(operator).length >= before + 3, 'three levels');
    const later = levels(operator).slice(before + 1);
    expect(later.every(([one]) => one?.inFlight === 1)).toBe(true);
    held[0]?.end();
    await first;
  });

  test('an application without VMs and requests is forgotten', async () => {
    const { port, operator, gateway } = await startPair((_req, res) => res.end());
    await call(port);
    const known = (): number =>
      (gateway.applications() as { applications: [] }).applications.length;
    expect(known()).toBe(1);
    operator.remove(APP, 'vm-1');
    await eventually(() => known() === 0, 'it is forgotten');
  });
});

describe('without the operator', () => {
  test('warm traffic goes on when the stream breaks', async () => {
    const { port, operator } = await startPair((_req, res) => res.end('warm'));
    operator.up = false;
    expect((await call(port)).body).toBe('warm');
  });

  test('a gateway that starts alone serves what it finds, and the operator’s word wins', async () => {
    const agent = await startAgent('vm-1', (_req, res) => res.end('found'));
    const { port, operator, gateway } = await startGateway({
      recoverAfterMs: 20,
      deps: {
        boundVms: {
          listBound: () => Promise.resolve([{ ...agent.endpoint(2), applicationId: APP }]),
        },
      },
    });
    expect(gateway.unready()).toMatch(/endpoints are not known/);
    expect((await call(port)).body).toBe('found');
    expect(gateway.unready()).toBeUndefined();
    operator.snapshot(APP, []);
    expect(operator.of('released')).toEqual([{ type: 'released', vmId: 'vm-1' }]);
  });

  test('a list that fails is tried again; after a snapshot nobody lists', async () => {
    let lists = 0;
    const { operator } = await startGateway({
      recoverAfterMs: 10,
      deps: {
        boundVms: {
          listBound: () => {
            lists += 1;
            return Promise.reject(new Error('API server away'));
          },
        },
      },
    });
    await eventually(() => lists >= 2, 'it tries again');
    operator.snapshot(APP, []);
    await pause(30);
    const after = lists;
    await pause(50);
    expect(lists).toBe(after);
  });
});

/** An operator's end of the stream with a real WebSocket. */
class StreamServer {
  readonly heard: GatewayMessage[] = [];
  readonly tokens: (string | undefined)[] = [];
  server: WebSocketServer | undefined;
  peer: WebSocket | undefined;

  async listen(port = 0): Promise<number> {
    const server = new WebSocketServer({ host: '127.0.0.1', port, path: STREAM_PATH });
    this.server = server;
    server.on('connection', (socket, request) => {
      this.peer = socket;
      this.tokens.push(request.headers.authorization);
      socket.on('message', (data) => {
        this.heard.push(JSON.parse((data as Buffer).toString()) as GatewayMessage);
      });
    });
    await new Promise((resolve) => server.once('listening', resolve));
    return (server.address() as AddressInfo).port;
  }

  async close(): Promise<void> {
    for (const client of this.server?.clients ?? []) client.terminate();
    await new Promise((resolve) => this.server?.close(resolve));
  }
}

describe('the stream', () => {
  const servers: StreamServer[] = [];
  afterEach(async () => {
    for (const server of servers.splice(0)) await server.close();
  });

  test('says hello with the token of the moment, and comes back after a break', async () => {
    const server = new StreamServer();
    servers.push(server);
    const streamPort = await server.listen();
    let asked = 0;
    const stream = new OperatorStream({
      url: `ws://127.0.0.1:${streamPort}`,
      gateway: 'gw-1',
      bearer: () => Promise.resolve(`token-${(asked += 1)}`),
      clock: systemClock,
      log: silentLogger,
    });
    const agent = await startAgent('vm-1', (_req, res) => res.end('streamed'));
    const { port, gateway } = await startGateway({ deps: { stream } });
    await eventually(() => server.heard.length >= 2, 'hello and demand');
    expect(server.heard[0]).toEqual({ type: 'hello', version: 1, gateway: 'gw-1' });
    expect(server.heard[1]).toMatchObject({ type: 'demand', level: true });
    const applications = [{ application: APP, endpoints: [agent.endpoint()] }];
    server.peer?.send('{"type":"from-the-future"}');
    server.peer?.send(encode({ type: 'snapshot', applications }));
    expect((await call(port)).body).toBe('streamed');

    await server.close();
    await eventually(() => !stream.up, 'the break is noticed');
    expect((await call(port)).body).toBe('streamed');
    await server.listen(streamPort);
    await eventually(() => stream.up, 'it comes back');
    await eventually(
      () => server.heard.filter(({ type }) => type === 'hello').length === 2,
      'hello again',
    );
    expect(server.tokens.at(0)).toBe('Bearer token-1');
    expect(server.tokens.at(-1)).toBe(`Bearer token-${asked}`);
    await gateway.stop();
    expect(stream.up).toBe(false);
  });

  test('a token that cannot be read is asked for again', async () => {
    const server = new StreamServer();
    servers.push(server);
    const streamPort = await server.listen();
    let asked = 0;
    const stream = new OperatorStream({
      url: `ws://127.0.0.1:${streamPort}/`,
      gateway: 'gw-1',
      bearer: () => {
        asked += 1;
        return asked === 1 ? Promise.reject(new Error('not mounted yet')) : Promise.resolve('t');
      },
      clock: systemClock,
      log: silentLogger,
    });
    onCleanup(() => stream.close());
    stream.start({ opened: () => undefined, message: () => undefined });
    await eventually(() => stream.up, 'it connects');
    expect(asked).toBe(2);
  });
});
