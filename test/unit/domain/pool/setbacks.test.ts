import { beforeEach, describe, expect, test } from '@jest/globals';
import { Setbacks, type Setback } from '../../../../src/domain/pool/setbacks.ts';

const T = 1_000_000;
let setbacks: Setbacks;

beforeEach(() => {
  setbacks = new Setbacks();
});

/** The pauses after failures that each come as soon as another try is allowed. */
function pauses(kind: Setback, count: number): number[] {
  let now = T;
  return Array.from({ length: count }, () => {
    setbacks.fail(kind, now);
    const waitMs = setbacks.waitMs(now);
    now += waitMs;
    return waitMs;
  });
}

test('a pool without setbacks creates as it likes', () => {
  expect([setbacks.limit(T), setbacks.waitMs(T), setbacks.words]).toEqual([Infinity, 0, undefined]);
});

test.each([
  { kind: 'start', seconds: [1, 2, 4, 8, 16, 32, 60, 60] },
  { kind: 'refused', seconds: [1, 2, 4, 8, 16, 32, 60, 60] },
  { kind: 'unclear', seconds: [0.25, 0.5, 1, 2, 4, 5, 5, 5] },
] as const)('pauses after $kind double up to a bound', ({ kind, seconds }) => {
  expect(pauses(kind, seconds.length)).toEqual(seconds.map((each) => each * 1_000));
});

test('no number of failures in a row makes more of it than the bound', () => {
  expect(pauses('refused', 2_000).at(-1)).toBe(60_000);
});

test('VMs that were started together fail together: that is one failure', () => {
  for (const late of [0, 10, 999]) setbacks.fail('start', T + late);
  expect(setbacks.waitMs(T + 999)).toBe(1);
});

describe('what is tried after a pause', () => {
  test.each([
    { kind: 'refused', limit: 1, why: 'one VM finds out whether the API server says no again' },
    { kind: 'unclear', limit: 1, why: 'one VM finds out whether it answers' },
    { kind: 'start', limit: Infinity, why: 'the API server takes them' },
  ] as const)('after $kind $limit, since $why', ({ kind, limit }) => {
    setbacks.fail(kind, T);
    expect([setbacks.limit(T), setbacks.limit(T + 999_999)]).toEqual([0, limit]);
  });

  test('the longest pause of all counts', () => {
    setbacks.fail('unclear', T);
    setbacks.fail('start', T);
    expect(setbacks.waitMs(T)).toBe(1_000);
  });
});

test('a VM that the API server takes ends what it refused, not what never came up', () => {
  setbacks.fail('refused', T, 'exceeded quota');
  setbacks.fail('unclear', T, 'failed calling webhook');
  expect(setbacks.words).toBe('failed calling webhook');
  setbacks.fail('start', T);
  expect(setbacks.words).toBe('failed calling webhook');
  setbacks.created();
  expect([setbacks.words, setbacks.waitMs(T)]).toEqual([undefined, 1_000]);
  setbacks.started();
  expect(setbacks.limit(T)).toBe(Infinity);
});
