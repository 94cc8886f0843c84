/** What gateways say, and I6: missing data never scales down. */
import { beforeEach, describe, expect, test } from '@jest/globals';
import type { Demand } from '../../../../src/api/gateway-protocol.ts';
import { NO_LOAD } from '../../../../src/domain/scaling/load.ts';
import { DemandBook } from '../../../../src/domain/scaling/demand-book.ts';

const A = 'shop/cart@pools/node';
const B = 'bank/pay@pools/node';
const T = 1_000_000;
let book: DemandBook;

beforeEach(() => {
  book = new DemandBook();
});

function demand(changes: Partial<Demand> = {}): Demand {
  const nothing = { inFlight: 0, waiting: 0, oldestWaitMs: 0, arrivals: 0, serviceMs: 0 };
  return { application: A, ...nothing, ...changes };
}

const level = (gateway: string, now: number, ...demands: Demand[]): readonly string[] =>
  book.record(gateway, demands, true, now);
const edge = (gateway: string, now: number, ...demands: Demand[]): readonly string[] =>
  book.record(gateway, demands, false, now);

describe('what is known of an application', () => {
  test('nothing without gateways', () => {
    expect(book.loadOf(A)).toEqual(NO_LOAD);
  });

  test('the sum over gateways', () => {
    book.connected('one', T);
    book.connected('two', T);
    level('one', T, demand({ inFlight: 3 }));
    level(
      'two',
      T,
      demand({ inFlight: 2, waiting: 4, oldestWaitMs: 70 }),
      demand({ application: B }),
    );
    expect(book.loadOf(A)).toMatchObject({ inFlight: 5, waiting: 4, oldestWaitMs: 70 });
  });

  test('an edge counts at once and replaces what was said of that application only', () => {
    book.connected('one', T);
    level('one', T, demand({ inFlight: 3 }), demand({ application: B, inFlight: 1 }));
    expect(edge('one', T + 10, demand({ inFlight: 3, waiting: 9 }))).toEqual([A]);
    expect(book.loadOf(A)).toMatchObject({ inFlight: 3, waiting: 9 });
    expect(book.loadOf(B)).toMatchObject({ inFlight: 1 });
  });

  test('a level that leaves an application out says that there is nothing of it, and touches it', () => {
    book.connected('one', T);
    level('one', T, demand({ inFlight: 3 }), demand({ application: B }));
    expect(level('one', T + 1_000, demand({ application: B }))).toEqual([B, A]);
    expect(book.loadOf(A)).toEqual(NO_LOAD);
  });

  test('a gateway that vanished may still have requests in flight', () => {
    book.connected('one', T);
    level('one', T, demand({ inFlight: 3 }));
    book.disconnected('one', false);
    expect(book.loadOf(A).inFlight).toBe(3);
  });

  test('one that speaks of ever more applications is heard up to a bound', () => {
    book.connected('one', T);
    for (let n = 0; n < 50_001; n += 1)
      edge('one', T, demand({ application: `a${n}`, waiting: 1 }));
    expect(book.loadOf('a49999').waiting).toBe(1);
    expect(book.loadOf('a50000')).toEqual(NO_LOAD);
    level('one', T + 1_000);
    edge('one', T + 1_000, demand({ application: 'a50000', waiting: 1 }));
    expect(book.loadOf('a50000').waiting).toBe(1);
  });

  test('one that said goodbye has none', () => {
    book.connected('one', T);
    level('one', T, demand({ inFlight: 3 }));
    book.disconnected('one', true);
    expect(book.loadOf(A)).toEqual(NO_LOAD);
  });

  test('one that nobody knows ends without harm', () => {
    book.disconnected('nobody', false);
    book.disconnected('nobody', true);
    expect(book.loadOf(A)).toEqual(NO_LOAD);
  });
});

describe('requests a second', () => {
  const rate = (): number => book.loadOf(A).rate;

  beforeEach(() => {
    book.connected('one', T);
  });

  test('the counter that comes first is a base: a gateway may have counted for days', () => {
    level('one', T, demand({ arrivals: 5_000_000, serviceMs: 100 }));
    expect(rate()).toBe(0);
    level('one', T + 1_000, demand({ arrivals: 5_000_030, serviceMs: 100 }));
    expect(rate()).toBe(30);
  });

  test('the same where the first word was an edge', () => {
    edge('one', T, demand({ arrivals: 5_000_000, waiting: 1 }));
    level('one', T + 500, demand({ arrivals: 5_000_010 }));
    expect(rate()).toBe(20);
  });

  test('the same after the gateway, or the operator, came back', () => {
    level('one', T, demand({ arrivals: 100 }));
    book.connected('one', T + 90_000);
    level('one', T + 90_000, demand({ arrivals: 5_000_000 }));
    expect(rate()).toBe(0);
  });

  test('an edge leaves the rate as it was, and the base of the next', () => {
    level('one', T, demand({ arrivals: 0 }));
    level('one', T + 1_000, demand({ arrivals: 10 }));
    edge('one', T + 1_500, demand({ arrivals: 40, waiting: 1 }));
    expect(rate()).toBe(10);
    level('one', T + 2_000, demand({ arrivals: 50 }));
    expect(rate()).toBe(40);
  });

  test.each([
    { ms: 1_000, arrivals: 50, is: 50, why: 'a second' },
    { ms: 2_000, arrivals: 50, is: 25, why: 'a level went missing' },
    { ms: 1, arrivals: 5, is: 50, why: 'two levels at once are no burst of 5,000 a second' },
    { ms: 1_000, arrivals: 0, is: 0, why: 'silence' },
  ])('$arrivals in $ms ms are $is: $why', ({ ms, arrivals, is }) => {
    level('one', T, demand({ arrivals: 7 }));
    level('one', T + ms, demand({ arrivals: 7 + arrivals }));
    expect(rate()).toBe(is);
  });

  test('an application that a level left out has counted from 0 since', () => {
    level('one', T, demand({ arrivals: 1_000 }));
    level('one', T + 1_000);
    level('one', T + 2_000, demand({ arrivals: 4 }));
    expect(rate()).toBe(4);
  });

  test('the same where an edge came first', () => {
    level('one', T);
    edge('one', T + 500, demand({ arrivals: 3, waiting: 1 }));
    expect(rate()).toBe(0);
    level('one', T + 1_000, demand({ arrivals: 4 }));
    expect(rate()).toBe(4);
  });

  test('a counter that fell was begun anew', () => {
    level('one', T, demand({ arrivals: 1_000 }));
    level('one', T + 1_000, demand({ arrivals: 12 }));
    expect(rate()).toBe(12);
  });
});

test('which functions are waited for, whoever says so', () => {
  book.connected('one', T);
  book.connected('two', T);
  level('one', T, demand({ waiting: 2, functions: [{ function: 'a', waiting: 2 }] }));
  level('two', T, demand({ waiting: 1, functions: [{ function: 'b', waiting: 1 }] }));
  expect([book.awaited(A), book.awaited(B)]).toEqual([new Set(['a', 'b']), new Set()]);
  expect(book.loadOf(A, new Set(['a'])).waiting).toBe(1);
});

describe('whether everything is known (I6)', () => {
  test('not without gateways', () => {
    expect(book.isComplete(T)).toBe(false);
  });

  test('not when a gateway has connected: it has said nothing yet', () => {
    book.connected('one', T);
    expect(book.isComplete(T)).toBe(false);
    edge('one', T + 10, demand({ waiting: 1 }));
    expect(book.isComplete(T + 10)).toBe(false);
    level('one', T + 20);
    expect(book.isComplete(T + 20)).toBe(true);
  });

  test('not when it has come back and said nothing since', () => {
    book.connected('one', T);
    level('one', T);
    book.disconnected('one', false);
    book.connected('one', T + 1_000);
    expect(book.isComplete(T + 1_000)).toBe(false);
  });

  test('as long as levels come every second or nearly so', () => {
    book.connected('one', T);
    level('one', T);
    expect(book.isComplete(T + 3_499)).toBe(true);
    expect(book.isComplete(T + 3_500)).toBe(false);
    edge('one', T + 3_600, demand({ waiting: 1 }));
    expect(book.isComplete(T + 3_600)).toBe(false);
    level('one', T + 4_000);
    expect(book.isComplete(T + 4_000)).toBe(true);
  });

  test('one silent gateway of two is enough', () => {
    book.connected('one', T);
    book.connected('two', T);
    level('one', T);
    level('two', T);
    level('two', T + 3_500);
    expect(book.isComplete(T + 3_500)).toBe(false);
  });

  test('not for a minute after a gateway vanished; then it is forgotten, and its requests with it', () => {
    book.connected('one', T);
    book.connected('two', T);
    level('one', T, demand({ inFlight: 3 }));
    book.disconnected('one', false);
    for (const ms of [1_000, 60_000]) {
      level('two', T + ms);
      expect(book.isComplete(T + ms)).toBe(false);
    }
    level('two', T + 60_001);
    expect(book.isComplete(T + 60_001)).toBe(true);
    expect(book.loadOf(A)).toEqual(NO_LOAD);
  });

  test('at once after a goodbye', () => {
    book.connected('one', T);
    book.connected('two', T);
    level('two', T);
    book.disconnected('one', true);
    expect(book.isComplete(T)).toBe(true);
  });
});

/** A broken connection is often noticed after the gateway has made the next one. */
describe('an old connection that ends after the new one began', () => {
  test.each([{ clean: false }, { clean: true }])('clean: $clean', ({ clean }) => {
    book.connected('one', T);
    book.connected('one', T + 5_000);
    level('one', T + 5_000, demand({ waiting: 1 }));
    book.disconnected('one', clean);
    expect(book.isComplete(T + 5_010)).toBe(false);
    expect(level('one', T + 6_000, demand({ waiting: 2 }))).toEqual([A]);
    expect(book.loadOf(A).waiting).toBe(2);
    expect(book.isComplete(T + 6_000)).toBe(true);
  });
});
