import { expect, test } from '@jest/globals';
import { EventBook } from '../../../../src/domain/events/book.ts';

const SAID = { object: 'uid', type: 'Warning', reason: 'VmLost', note: 'it is gone' } as const;
const MINUTE = 60_000;

test('what is said for the first time is an Event of its own', () => {
  const book = new EventBook();
  expect(book.enter(SAID, 'a', 0)).toEqual({ kind: 'first', id: 'a' });
  expect(book.enter({ ...SAID, reason: 'Scaled' }, 'b', 0)).toEqual({ kind: 'first', id: 'b' });
  expect(book.enter({ ...SAID, object: 'other' }, 'c', 0)).toEqual({ kind: 'first', id: 'c' });
  expect(book.enter({ ...SAID, note: 'otherwise' }, 'd', 0)).toEqual({ kind: 'first', id: 'd' });
});

test('the same again is one series, and is not written each time', () => {
  const book = new EventBook();
  book.enter(SAID, 'a', 0);
  expect(book.enter(SAID, 'b', 1_000)).toEqual({ kind: 'later', afterMs: 2_000 });
  expect(book.enter(SAID, 'c', 2_000)).toEqual({ kind: 'later', afterMs: 1_000 });
  expect(book.due(SAID, 3_000)).toEqual({ kind: 'again', id: 'a', count: 3 });
  expect(book.due(SAID, 4_000)).toEqual({ kind: 'none' });
  expect(book.enter(SAID, 'x', 4_000)).toEqual({ kind: 'later', afterMs: 5_000 });
  expect(book.enter(SAID, 'd', 30_000)).toEqual({ kind: 'again', id: 'a', count: 5 });
  expect(book.due({ ...SAID, object: 'other' }, 30_000)).toEqual({ kind: 'none' });
});

test('a series ends with six minutes of silence, or when its Event is gone', () => {
  const book = new EventBook();
  book.enter(SAID, 'a', 0);
  expect(book.enter(SAID, 'b', 5 * MINUTE)).toMatchObject({ id: 'a' });
  expect(book.enter(SAID, 'c', 10 * MINUTE)).toMatchObject({ id: 'a' });
  expect(book.enter(SAID, 'd', 16 * MINUTE)).toEqual({ kind: 'first', id: 'd' });
  book.forget(SAID);
  expect(book.enter(SAID, 'e', 16 * MINUTE)).toEqual({ kind: 'first', id: 'e' });
});

test('one object gets 25 different ones at once, then one more in five minutes; others get theirs', () => {
  const book = new EventBook();
  const say = (n: number, now: number): string =>
    book.enter({ ...SAID, note: `${n}` }, `${n}`, now).kind;
  expect(
    Array.from({ length: 27 }, (_, n) => say(n, 0)).filter((kind) => kind === 'first'),
  ).toHaveLength(25);
  expect(say(50, 5 * MINUTE - 1)).toBe('none');
  expect(say(51, 5 * MINUTE)).toBe('first');
  expect(say(52, 5 * MINUTE)).toBe('none');
  expect(book.enter({ ...SAID, object: 'other' }, 'x', 0).kind).toBe('first');
});

test('what goes up and down is two series, and takes nothing from what goes wrong', () => {
  const book = new EventBook();
  const scaled = { ...SAID, type: 'Normal', reason: 'Scaled' } as const;
  book.enter({ ...scaled, note: 'from 0 to 1' }, 'up', 0);
  book.enter({ ...scaled, note: 'from 1 to 0' }, 'down', 0);
  const again = { kind: 'again', id: 'up', count: 2 };
  expect(book.enter({ ...scaled, note: 'from 0 to 1' }, 'x', 10_000)).toEqual(again);
  for (let n = 0; n < 50; n += 1) book.enter({ ...scaled, note: `to ${n}` }, 'x', 0);
  expect(book.enter({ ...scaled, note: 'more' }, 'x', 0).kind).toBe('none');
  expect(book.enter(SAID, 'x', 0).kind).toBe('first');
});

test('what is remembered has a bound', () => {
  const book = new EventBook();
  book.enter(SAID, 'first', 0);
  for (let n = 0; n < 1_000; n += 1) book.enter({ ...SAID, object: `uid-${n}` }, `${n}`, 0);
  expect(book.enter(SAID, 'again', 1)).toEqual({ kind: 'first', id: 'again' });
  expect(book.enter({ ...SAID, object: 'uid-999' }, 'again', 1).kind).toBe('later');
});
