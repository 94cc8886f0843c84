import { beforeEach, expect, test } from '@jest/globals';
import { LONGEST_PAUSE_MS, PAUSE_MS, Pauses } from '../../../../src/domain/scaling/pauses.ts';

let pauses: Pauses;

beforeEach(() => {
  pauses = new Pauses();
});

test('after a failure nothing is bound for a while, then one VM is tried; others are not concerned', () => {
  expect(pauses.limit('a', 1_000)).toBe(Infinity);
  expect(pauses.fail('a', 1_000)).toBe(PAUSE_MS);
  expect([pauses.limit('a', 1_000), pauses.limit('b', 1_000)]).toEqual([0, Infinity]);
  expect(pauses.limit('a', 1_000 + PAUSE_MS)).toBe(1);
});

test('pauses double up to a minute', () => {
  let now = 0;
  const seen = Array.from({ length: 12 }, () => {
    const ms = pauses.fail('a', now);
    now += ms;
    return ms;
  });
  expect(seen.slice(0, 4)).toEqual([250, 500, 1_000, 2_000]);
  expect(seen.at(-1)).toBe(LONGEST_PAUSE_MS);
});

test('what fails together is one failure', () => {
  expect([pauses.fail('a', 0), pauses.fail('a', 10), pauses.fail('a', 20)]).toEqual([
    250, 240, 230,
  ]);
  expect(pauses.fail('a', 250)).toBe(500);
});

test('a bind that succeeds ends the pause, and not the row', () => {
  pauses.fail('a', 0);
  pauses.succeed('a', 100);
  expect(pauses.limit('a', 100)).toBe(Infinity);
  expect(pauses.fail('a', 5_000)).toBe(500);
});

test('after two minutes without a failure all is forgotten', () => {
  pauses.fail('a', 0);
  const later = PAUSE_MS + 2 * LONGEST_PAUSE_MS + 1;
  expect(pauses.limit('a', later)).toBe(Infinity);
  expect(pauses.fail('a', later)).toBe(PAUSE_MS);
});

test('an application that goes leaves nothing behind', () => {
  pauses.fail('a', 0);
  pauses.end('a');
  expect(pauses.limit('a', 0)).toBe(Infinity);
  pauses.succeed('a', 0);
  expect(pauses.fail('a', 0)).toBe(PAUSE_MS);
});

test('failures in a row are counted until a bind succeeds, or long after the last', () => {
  expect(pauses.failures('a', 0)).toBe(0);
  pauses.fail('a', 0);
  pauses.fail('a', 250);
  expect([pauses.failures('a', 300), pauses.failures('b', 300)]).toEqual([2, 0]);
  expect(pauses.failures('a', 300_000)).toBe(0);
  pauses.succeed('a', 1_000);
  expect(pauses.failures('a', 1_000)).toBe(0);
});
