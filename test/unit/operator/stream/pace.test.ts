import { EventEmitter } from 'node:events';
import { beforeEach, expect, test } from '@jest/globals';
import type { WebSocket } from 'ws';
import { pace } from '../../../../src/operator/stream/pace.ts';
import { FakeClock } from '../../../support/fake-clock.ts';

class Socket extends EventEmitter {
  isPaused = false;
  pause(): void {
    this.isPaused = true;
  }
  resume(): void {
    this.isPaused = false;
  }
}

let clock: FakeClock;
let socket: Socket;

beforeEach(() => {
  clock = new FakeClock(1_000);
  socket = new Socket();
  pace(socket as unknown as WebSocket, clock);
});

function messages(count: number, bytes: number): void {
  for (let index = 0; index < count; index += 1) socket.emit('message', Buffer.alloc(bytes));
}

test('as many as a second allows are read without a pause, second after second', async () => {
  for (let second = 0; second < 3; second += 1) {
    messages(1_900, 16);
    expect(socket.isPaused).toBe(false);
    await clock.advance(1_000);
  }
});

test.each([
  { what: 'many messages', count: 2_001, bytes: 2 },
  { what: 'large ones', count: 2, bytes: 4 * 1024 * 1024 },
])('$what wait for the next second', async ({ count, bytes }) => {
  messages(count, bytes);
  expect(socket.isPaused).toBe(true);
  await clock.advance(1_000);
  expect(socket.isPaused).toBe(false);
});

test('nothing is left of a socket that closed', () => {
  messages(2_001, 2);
  socket.emit('close');
  expect(clock.pending).toBe(0);
});
