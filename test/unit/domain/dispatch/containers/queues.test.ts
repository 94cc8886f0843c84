import { beforeEach, expect, test } from '@jest/globals';
import {
  Queues,
  type WaitsForFunction,
} from '../../../../../src/domain/dispatch/containers/queues.ts';

class Item implements WaitsForFunction<Item> {
  next: Item | undefined;
  previous: Item | undefined;
  queued = false;
  readonly arrivedAt: number;
  readonly functionName: string;

  constructor(arrivedAt: number, functionName: string) {
    this.arrivedAt = arrivedAt;
    this.functionName = functionName;
  }
}

let queues: Queues<Item>;
const [a1, b2, a3] = [new Item(1, 'a'), new Item(2, 'b'), new Item(3, 'a')];

beforeEach(() => {
  queues = new Queues();
  for (const item of [a1, b2, a3]) {
    item.queued = false;
    queues.push(item);
  }
});

test('who came first is the first of all, and of its function', () => {
  expect([queues.first, queues.firstOf('b'), queues.firstOf('c')]).toEqual([a1, b2, undefined]);
  expect(queues.heads()).toEqual([a1, b2]);
});

test('counts say who waits for what', () => {
  expect([queues.length, queues.counts()]).toEqual([
    3,
    [
      { function: 'a', waiting: 2 },
      { function: 'b', waiting: 1 },
    ],
  ]);
});

test('who leaves is missed by nobody, and leaves once', () => {
  queues.remove(a1);
  queues.remove(a1);
  queues.remove(new Item(9, 'never came'));
  expect([queues.first, queues.heads(), queues.length]).toEqual([b2, [b2, a3], 2]);
});

test('a function that nobody waits for any more is forgotten', () => {
  queues.remove(b2);
  expect(queues.counts()).toEqual([{ function: 'a', waiting: 2 }]);
});

test('who comes back has the place of its arrival', () => {
  for (const item of [a1, b2]) queues.remove(item);
  for (const item of [a1, b2]) queues.restore(item);
  expect([queues.first, queues.firstOf('a'), queues.length]).toEqual([a1, a1, 3]);
});

test('nobody', () => {
  for (const item of [a1, b2, a3]) queues.remove(item);
  expect([queues.first, queues.heads(), queues.length]).toEqual([undefined, [], 0]);
});
