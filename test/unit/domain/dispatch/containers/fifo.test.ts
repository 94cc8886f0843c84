import { describe, expect, test } from '@jest/globals';
import { Fifo, type Queued } from '../../../../../src/domain/dispatch/containers/fifo.ts';
import { Roster } from '../../../../../src/domain/dispatch/containers/roster.ts';

class Item implements Queued<Item> {
  next: Item | undefined;
  previous: Item | undefined;
  queued = false;
  place = -1;
  readonly at: number;
  constructor(at: number) {
    this.at = at;
  }
}

function order(fifo: Fifo<Item>): number[] {
  const all: number[] = [];
  for (let item = fifo.first; item !== undefined; item = item.next) all.push(item.at);
  return all;
}

function filled(...at: number[]): { fifo: Fifo<Item>; items: Item[] } {
  const fifo = new Fifo<Item>();
  const items = at.map((each) => new Item(each));
  for (const item of items) fifo.push(item);
  return { fifo, items };
}

describe('Fifo', () => {
  test.each([
    { removed: 0, left: [2, 3], why: 'the first' },
    { removed: 1, left: [1, 3], why: 'one in the middle' },
    { removed: 2, left: [1, 2], why: 'the last' },
  ])('keeps the order of the others when $why leaves', ({ removed, left }) => {
    const { fifo, items } = filled(1, 2, 3);
    const item = items[removed] ?? new Item(0);
    fifo.remove(item);
    expect([order(fifo), fifo.length, item.queued]).toEqual([left, 2, false]);
  });

  test('leaving twice, or without having come, changes nothing', () => {
    const { fifo, items } = filled(1, 2);
    fifo.remove(items[0] ?? new Item(0));
    fifo.remove(items[0] ?? new Item(0));
    fifo.remove(new Item(9));
    expect([order(fifo), fifo.length]).toEqual([[2], 1]);
  });

  test('is empty after the only one left, and takes new ones', () => {
    const { fifo, items } = filled(1);
    fifo.remove(items[0] ?? new Item(0));
    expect([fifo.first, fifo.length]).toEqual([undefined, 0]);
    fifo.push(new Item(5));
    expect(order(fifo)).toEqual([5]);
  });

  test.each([
    { back: 1, becomes: [1, 2, 4], why: 'older than all' },
    { back: 3, becomes: [2, 3, 4], why: 'between two' },
    { back: 5, becomes: [2, 4, 5], why: 'younger than all' },
  ])('who comes back and is $why gets the place of its arrival', ({ back, becomes }) => {
    const { fifo } = filled(2, 4);
    fifo.restore(new Item(back), (other) => other.at > back);
    expect([order(fifo), fifo.length]).toEqual([becomes, 3]);
  });
});

describe('Roster', () => {
  test('holds what was added and not deleted', () => {
    const roster = new Roster<Item>();
    const items = [1, 2, 3, 4].map((at) => new Item(at));
    for (const item of items) roster.add(item);
    const [first, , third, fourth] = items;
    if (first === undefined || third === undefined || fourth === undefined) throw new Error();
    roster.delete(first);
    roster.delete(first);
    roster.delete(third);
    roster.delete(new Item(9));
    const seen: number[] = [];
    roster.forEach(({ at }) => seen.push(at));
    expect([seen.toSorted(), roster.size]).toEqual([[2, 4], 2]);
    roster.delete(fourth);
    expect(roster.size).toBe(1);
  });

  test('may be emptied while it is walked', () => {
    const roster = new Roster<Item>();
    const items = [1, 2, 3].map((at) => new Item(at));
    for (const item of items) roster.add(item);
    let visits = 0;
    roster.forEach(() => {
      visits += 1;
      for (const item of items) roster.delete(item);
    });
    expect([visits, roster.size]).toEqual([1, 0]);
  });
});
