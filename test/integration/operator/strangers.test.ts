/** Whoever reaches the operator's ports without being a gateway: what it may cost, and that it ends nothing. */
import { once } from 'node:events';
import type { Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { Registry } from '@prometheus-io/client';
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { startAdmin } from '../../../src/adapters/http/admin.ts';
import { STREAM_PATH } from '../../../src/api/gateway-protocol.ts';
import { serveArchives, type ArchiveServer } from '../../../src/local/archives.ts';
import type { Subscriber } from '../../../src/operator/stream/endpoint-publisher.ts';
import { startStreamServer, type StreamServer } from '../../../src/operator/stream/server.ts';
import { systemClock } from '../../../src/runtime/clock.ts';
import { silentLogger } from '../../../src/runtime/log.ts';
import { eventually } from '../../support/local.ts';
import { HostileClient } from '../../support/hostile-client.ts';

const UPGRADE =
  'connection: upgrade\r\nupgrade: websocket\r\nsec-websocket-version: 13\r\n' +
  'sec-websocket-key: dGhlIHNhbXBsZSBub25jZQ==\r\n';
const upgrade = (token: string): string =>
  `GET ${STREAM_PATH} HTTP/1.1\r\nhost: h\r\n${UPGRADE}authorization: Bearer ${token}\r\n\r\n`;

/** A text frame with a mask of zeros (RFC 6455, 5.2). */
function frame(text: string): Buffer {
  return Buffer.concat([Buffer.from([0x81, 0x80 | text.length, 0, 0, 0, 0]), Buffer.from(text)]);
}

let admin: Server;
let stream: StreamServer;
let archives: ArchiveServer;
let review: () => Promise<string | undefined>;
let reviews = 0;
let client: HostileClient;
let gateways: Subscriber[];
let ended: string[];

beforeEach(async () => {
  reviews = 0;
  gateways = [];
  ended = [];
  review = () => Promise.resolve(undefined);
  stream = await startStreamServer({
    ...{ host: '127.0.0.1', port: 0, operator: 'operator', allowed: ['ns:gateway'] },
    authenticate: () => {
      reviews += 1;
      return review();
    },
    handlers: {
      connected: (gateway) => gateways.push(gateway),
      message: () => undefined,
      disconnected: ({ name }) => ended.push(name),
    },
    clock: systemClock,
    log: silentLogger,
  });
  client = new HostileClient((stream.server.address() as AddressInfo).port);
  archives = await serveArchives(import.meta.dirname, 0);
  admin = await startAdmin({
    ...{ host: '127.0.0.1', port: 0, registry: new Registry(), log: silentLogger },
    unready: () => undefined,
    json: {
      '/debug/broken': () => {
        throw new Error('the SECRET inside');
      },
    },
  });
});

afterEach(async () => {
  client.end();
  await stream.stop();
  await archives.stop();
  admin.closeAllConnections();
  admin.close();
});

test('a reset while its token is reviewed ends nobody', async () => {
  const { promise, resolve } = Promise.withResolvers<string | undefined>();
  review = () => promise;
  for (let count = 0; count < 200; count += 1) await client.sendAndReset(upgrade(`t${count}`));
  resolve('ns:gateway');
  review = () => Promise.resolve('ns:gateway');
  expect(
    await client.answerTo(`GET / HTTP/1.1\r\nhost: h\r\nconnection: close\r\n\r\n`, 5_000),
  ).toMatch(/^HTTP\/1.1 426 /);
});

test('strangers cost the API server a few reviews, whatever they send', async () => {
  for (let count = 0; count < 100; count += 1) {
    const status = count < 10 ? '401' : '503';
    const answer = await client.answerTo(upgrade(`guess-${count}`), 5_000);
    expect(answer.slice(9, 12)).toBe(status);
  }
  expect(reviews).toBe(10);
});

test('so many wait for a review, and no more', async () => {
  review = () => new Promise(() => undefined);
  for (let count = 0; count < 64; count += 1) await client.send(upgrade('same'));
  const answer = await client.answerTo(upgrade('same'), 5_000);
  expect(answer).toMatch(/^HTTP\/1.1 503 /);
  expect(reviews).toBe(1);
});

test('an admitted stream that never says hello is closed', async () => {
  review = () => Promise.resolve('ns:gateway');
  // A close frame: 1008, "no hello".
  expect(await client.answerTo(upgrade('good'), 40_000)).toContain('\x88\x0a\x03\xf0no hello');
}, 60_000);

test('so many streams are open, and no more', async () => {
  review = () => Promise.resolve('ns:gateway');
  for (let count = 0; count < 256; count += 1) {
    const socket = await client.send(upgrade('good'));
    await once(socket, 'data');
  }
  expect(await client.answerTo(upgrade('good'), 5_000)).toMatch(/^HTTP\/1.1 503 /);
});

test('a gateway that does not read is given up', async () => {
  review = () => Promise.resolve('ns:gateway');
  const socket = await client.send(upgrade('good'));
  await once(socket, 'data');
  socket.pause().write(frame('{"type":"hello","version":1,"gateway":"deaf"}'));
  await eventually('it is known', () => Promise.resolve(gateways.length === 1));
  const detail = 'x'.repeat(1024 * 1024);
  await eventually('it is gone', () => {
    gateways[0]?.send({ type: 'refusal', application: 'a', reason: 'r', detail, final: false });
    return Promise.resolve(ended.includes('deaf'));
  });
});

const portOf = (name: string): number => {
  if (name === 'archives') return Number(new URL(archives.url).port);
  const server = name === 'stream' ? stream.server : admin;
  return (server.address() as AddressInfo).port;
};

test.each(['stream', 'admin', 'archives'])(
  'the listener of %s keeps no connection for long',
  async (name) => {
    const hostile = new HostileClient(portOf(name));
    const post = 'POST / HTTP/1.1\r\nhost: h\r\ncontent-length: 9\r\n\r\n';
    const answers = await Promise.all(
      [
        'GET / HTTP/1.1\r\nhost: h\r\na: ',
        `GET / HTTP/1.1\r\na: ${'x'.repeat(99_999)}`,
        '\0\xff\r\n\r\n',
        '',
        post,
      ].map((bytes) => hostile.answerTo(bytes, 45_000)),
    );
    const body = name === 'stream' ? '426' : '404';
    expect(answers.map((answer) => answer.slice(9, 12))).toEqual([
      '408',
      '431',
      '400',
      '408',
      body,
    ]);
  },
  60_000,
);

describe.each(['stream', 'admin', 'archives'])(
  'resets at the listener of %s end nobody',
  (name) => {
    test.each([
      { when: 'before a byte', bytes: '' },
      { when: 'in the head', bytes: 'GET / HTTP/1.1\r\nhost: ' },
      { when: 'behind a request', bytes: 'GET / HTTP/1.1\r\nhost: h\r\n\r\n' },
      { when: 'in a body', bytes: 'POST / HTTP/1.1\r\nhost: h\r\ncontent-length: 9\r\n\r\nx' },
      { when: 'behind an upgrade that is refused', bytes: upgrade('nobody') },
      { when: 'behind one that is admitted', bytes: upgrade('good') },
      { when: 'in a frame', bytes: `${upgrade('good')}\x81\xfe\x7f` },
      { when: 'behind nonsense', bytes: '\0\r\n\r\n' },
    ])('$when', async ({ bytes }) => {
      review = () => Promise.resolve(bytes.includes('good') ? 'ns:gateway' : undefined);
      const hostile = new HostileClient(portOf(name));
      for (let count = 0; count < 50; count += 1) await hostile.sendAndReset(bytes);
      const answer = await hostile.answerTo('\0\r\n\r\n', 5_000);
      expect(answer).toMatch(/^HTTP\/1.1 400 /);
      hostile.end();
    });
  },
);

test('an error inside is for the log, not for whoever asks', async () => {
  const { port } = admin.address() as AddressInfo;
  const answer = await fetch(`http://127.0.0.1:${port}/debug/broken`);
  expect(answer.status).toBe(500);
  expect(await answer.text()).not.toContain('SECRET');
});
