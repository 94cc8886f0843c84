import { beforeEach, expect, test } from '@jest/globals';
import { Reviews, ReviewsBusy } from '../../../../src/operator/stream/reviews.ts';
import { FakeClock } from '../../../support/fake-clock.ts';

let clock: FakeClock;
let asked: string[];
let answer: (token: string) => Promise<string | undefined>;
let reviews: Reviews;

beforeEach(() => {
  clock = new FakeClock(1_000_000);
  asked = [];
  answer = (token) => Promise.resolve(token === 'good' ? 'ns:account' : undefined);
  reviews = new Reviews((token) => {
    asked.push(token);
    return answer(token);
  }, clock);
});

test('a token is asked for once in a while, a refused one too', async () => {
  for (const token of ['good', 'bad', 'good', 'bad']) await reviews.accountOf(token, 'a');
  expect(asked).toEqual(['good', 'bad']);
  await clock.advance(30_000);
  expect(await reviews.accountOf('good', 'a')).toBe('ns:account');
  expect(asked).toEqual(['good', 'bad', 'good']);
});

test('who asks while the same is asked waits for that answer', async () => {
  const { promise, resolve } = Promise.withResolvers<string>();
  answer = () => promise;
  const both = Promise.all([reviews.accountOf('good', 'a'), reviews.accountOf('good', 'b')]);
  resolve('ns:account');
  expect(await both).toEqual(['ns:account', 'ns:account']);
  expect(asked).toHaveLength(1);
});

test('no answer is no refusal: it is asked again', async () => {
  answer = () => Promise.reject(new Error('no API server'));
  await expect(reviews.accountOf('good', 'a')).rejects.toThrow('no API server');
  answer = () => Promise.resolve('ns:account');
  expect(await reviews.accountOf('good', 'a')).toBe('ns:account');
});

test('an address has a few reviews at once, then one every two seconds; others have theirs', async () => {
  for (let count = 0; count < 10; count += 1) await reviews.accountOf(`bad ${count}`, 'a');
  await expect(reviews.accountOf('bad 10', 'a')).rejects.toThrow(ReviewsBusy);
  expect(await reviews.accountOf('good', 'b')).toBe('ns:account');
  expect(await reviews.accountOf('good', 'a')).toBe('ns:account');
  await clock.advance(2_000);
  await reviews.accountOf('bad 11', 'a');
  await expect(reviews.accountOf('bad 12', 'a')).rejects.toThrow(ReviewsBusy);
  expect(asked).toHaveLength(12);
});

test('eight are under way at once, whoever asks', async () => {
  const { promise, resolve } = Promise.withResolvers<string | undefined>();
  answer = () => promise;
  const open = Array.from({ length: 8 }, (_, index) => reviews.accountOf(`${index}`, `${index}`));
  await expect(reviews.accountOf('one more', 'z')).rejects.toThrow(ReviewsBusy);
  resolve(undefined);
  await Promise.all(open);
  expect(await reviews.accountOf('one more', 'z')).toBeUndefined();
});
