import { describe, expect, test } from '@jest/globals';
import { refill, take, type Bucket } from '../../../../src/domain/pool/bucket.ts';

describe('the refill rate', () => {
  test('a pool that was never filled has a second’s worth at once', () => {
    expect(refill(undefined, 10, 5_000)).toEqual({ tokens: 10, at: 5_000 });
  });

  test.each([
    { after: 0, tokens: 4, why: 'no time has passed' },
    { after: 100, tokens: 5, why: 'a tenth of a second brings one of ten' },
    { after: 250, tokens: 6.5, why: 'parts of one are kept for later' },
    { after: 600, tokens: 10, why: 'just full' },
    { after: 3_600_000, tokens: 10, why: 'a quiet hour saves up no more than a second' },
    { after: -5_000, tokens: 4, why: 'a clock that was put back takes nothing away' },
  ])('ten a second, 4 left, $after ms later: $why', ({ after, tokens }) => {
    const left = take(refill(undefined, 10, 1_000), 6);
    expect(refill(left, 10, 1_000 + after).tokens).toBeCloseTo(tokens, 9);
  });

  test('a lower rate holds less', () => {
    expect(refill({ tokens: 10, at: 0 }, 3, 0).tokens).toBe(3);
  });

  test('never more than the rate and a second’s worth, however often it is asked', () => {
    let bucket: Bucket | undefined;
    let taken = 0;
    for (let now = 0; now <= 10_000; now += 7) {
      bucket = refill(bucket, 10, now);
      const count = Math.floor(bucket.tokens);
      bucket = take(bucket, count);
      taken += count;
    }
    expect(taken).toBeLessThanOrEqual(10 + 100);
    expect(taken).toBeGreaterThanOrEqual(10 + 99);
  });
});
