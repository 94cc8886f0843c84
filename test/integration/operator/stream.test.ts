/** The operator's end of the stream: who may connect, and what a gateway that talks nonsense does to others. */
import type { AddressInfo } from 'node:net';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { WebSocket } from 'ws';
import { encode, STREAM_PATH, type GatewayMessage } from '../../../src/api/gateway-protocol.ts';
import type { Subscriber } from '../../../src/operator/stream/endpoint-publisher.ts';
import { startStreamServer, type StreamServer } from '../../../src/operator/stream/server.ts';
import { systemClock } from '../../../src/runtime/clock.ts';
import { silentLogger } from '../../../src/runtime/log.ts';
import { eventually } from '../../support/local.ts';

const ALLOWED = 'osv-faas-system:osv-faas-gateway';
const ACCOUNTS: Readonly<Record<string, string>> = { good: ALLOWED, other: 'default:default' };

const connected: Subscriber[] = [];
const ended: { name: string; clean: boolean }[] = [];
const heard: GatewayMessage[] = [];
let stream: StreamServer;
let url = '';

beforeAll(async () => {
  stream = await startStreamServer({
    host: '127.0.0.1',
    port: 0,
    operator: 'operator',
    authenticate: (token) =>
      token === 'down'
        ? Promise.reject(new Error('no API server'))
        : Promise.resolve(ACCOUNTS[token]),
    allowed: [ALLOWED],
    handlers: {
      connected: (gateway) => connected.push(gateway),
      message: (_gateway, message) => {
        if (message.type === 'demand') heard.push(...message.applications.map(() => message));
      },
      disconnected: ({ name }, clean) => ended.push({ name, clean }),
    },
    clock: systemClock,
    log: silentLogger,
  });
  url = `127.0.0.1:${(stream.server.address() as AddressInfo).port}`;
});

afterAll(() => stream.stop());

/** The socket, or the status that it was refused with. */
function open(token: string | undefined, path = STREAM_PATH): Promise<WebSocket | number> {
  const headers = token === undefined ? {} : { authorization: `Bearer ${token}` };
  const socket = new WebSocket(`ws://${url}${path}`, { headers });
  return new Promise((resolve) => {
    socket.once('open', () => {
      resolve(socket);
    });
    socket.once('unexpected-response', (request, response) => {
      request.destroy();
      resolve(response.statusCode ?? 0);
    });
    socket.on('error', () => undefined);
  });
}

async function gateway(name: string): Promise<WebSocket> {
  const socket = await open('good');
  if (typeof socket === 'number') throw new Error(`refused with ${socket}`);
  socket.send(encode({ type: 'hello', version: 1, gateway: name }));
  await eventually(`${name} is known`, () =>
    Promise.resolve(connected.some((one) => one.name === name)),
  );
  return socket;
}

describe('who may connect', () => {
  test.each([
    { token: undefined, status: 401, why: 'nobody without a token' },
    { token: 'unknown', status: 401, why: 'nobody whose token the API server does not know' },
    { token: 'other', status: 403, why: 'no other service account' },
    {
      token: 'down',
      status: 503,
      why: 'nobody while nobody can be asked: the gateway tries again',
    },
  ])('$why: $status', async ({ token, status }) => {
    expect(await open(token)).toBe(status);
  });

  test('another path is 404, plain HTTP is 426', async () => {
    expect(await open('good', '/v9/other')).toBe(404);
    expect((await fetch(`http://${url}${STREAM_PATH}`)).status).toBe(426);
  });
});

test('a message that is not understood ends its own stream only', async () => {
  const sane = await gateway('sane');
  const mad = await gateway('mad');
  mad.send('{"type":"from-the-future"}');
  mad.send('{"type":"demand","level":true}');
  await eventually('the mad one is gone', () =>
    Promise.resolve(ended.some(({ name }) => name === 'mad')),
  );
  const demand = {
    application: 'a',
    inFlight: 0,
    waiting: 1,
    oldestWaitMs: 0,
    arrivals: 1,
    serviceMs: 0,
  };
  sane.send(encode({ type: 'demand', level: false, applications: [demand] }));
  await eventually('the sane one is heard', () => Promise.resolve(heard.length === 1));
  expect(ended).toEqual([{ name: 'mad', clean: false }]);
  sane.close(1000);
  await eventually('it said goodbye', () => Promise.resolve(ended.length === 2));
  expect(ended[1]).toEqual({ name: 'sane', clean: true });
});
