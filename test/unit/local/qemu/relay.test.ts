import { once } from 'node:events';
import { connect, createServer, type AddressInfo, type Server } from 'node:net';
import { afterEach, beforeEach, expect, test } from '@jest/globals';
import { Relay } from '../../../../src/local/drivers/qemu/network/user.ts';

let guest: Server;
let relay: Relay;
let port: number;

beforeEach(async () => {
  guest = createServer((socket) => socket.on('error', () => undefined).end('guest'));
  guest.listen(0, '127.0.0.1');
  await once(guest, 'listening');
  relay = new Relay({ host: '127.0.0.1', port: (guest.address() as AddressInfo).port });
  // The relay is told its port; this one was free a moment ago.
  const probe = createServer().listen(0, '127.0.0.1');
  await once(probe, 'listening');
  port = (probe.address() as AddressInfo).port;
  probe.close();
  await once(probe, 'close');
  await relay.listen('127.0.0.1', port);
});

afterEach(async () => {
  await relay.close();
  guest.close();
});

test('a client that resets while it waits for its turn ends nobody', async () => {
  for (let count = 0; count < 20; count += 1) {
    const socket = connect(port, '127.0.0.1').on('error', () => undefined);
    await once(socket, 'connect');
    socket.resetAndDestroy();
  }
  const last = connect(port, '127.0.0.1');
  const [data] = (await once(last, 'data')) as [Buffer];
  expect(data.toString()).toBe('guest');
});
