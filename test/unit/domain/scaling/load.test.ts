import { describe, expect, test } from '@jest/globals';
import type { Demand } from '../../../../src/api/gateway-protocol.ts';
import {
  concurrencyOf,
  isActive,
  NO_LOAD,
  sumOf,
  type Load,
} from '../../../../src/domain/scaling/load.ts';

const demand = (changes: Partial<Demand>): Demand => ({
  application: 'shop/cart@p/node',
  inFlight: 0,
  waiting: 0,
  oldestWaitMs: 0,
  arrivals: 0,
  serviceMs: 0,
  ...changes,
});

describe('what several gateways know together', () => {
  test('nothing, when none has reported', () => {
    expect(sumOf([])).toEqual(NO_LOAD);
  });

  test('who waits for a function that no VM is bound for wants none', () => {
    const functions = [
      { function: 'broken', waiting: 3 },
      { function: 'fine', waiting: 2 },
    ];
    const reports = [
      { demand: demand({ waiting: 5, functions }), rate: 0 },
      { demand: demand({ waiting: 1 }), rate: 0 },
      // One that counts more for a function than in all.
      { demand: demand({ waiting: 1, functions }), rate: 0 },
    ];
    expect(sumOf(reports, new Set(['broken'])).waiting).toBe(2 + 1 + 0);
    expect(sumOf(reports).waiting).toBe(7);
  });

  test('requests add up, the longest wait counts, service time is weighted by rate', () => {
    const busy = { inFlight: 6, waiting: 2, oldestWaitMs: 40, serviceMs: 100 };
    const quiet = { inFlight: 1, waiting: 3, oldestWaitMs: 90, serviceMs: 500 };
    expect(
      sumOf([
        { demand: demand(busy), rate: 30 },
        { demand: demand(quiet), rate: 10 },
      ]),
    ).toEqual({ inFlight: 7, waiting: 5, oldestWaitMs: 90, rate: 40, serviceMs: 200 });
  });

  test('without arrivals the service time weighs nothing', () => {
    expect(sumOf([{ demand: demand({ inFlight: 1, serviceMs: 80 }), rate: 0 }]).serviceMs).toBe(0);
  });
});

describe('invocations that want to run at once', () => {
  const rows: { why: string; load: Partial<Load>; wants: number; active: boolean }[] = [
    { why: 'nothing', load: {}, wants: 0, active: false },
    { why: 'who waits wants to run', load: { waiting: 7 }, wants: 7, active: true },
    { why: 'running and waiting', load: { inFlight: 5, waiting: 7 }, wants: 12, active: true },
    {
      why: '1,000 a second of 20 ms each: 20 at once, though a glance saw 3',
      load: { inFlight: 3, rate: 1_000, serviceMs: 20 },
      wants: 20,
      active: true,
    },
    {
      why: 'a glance that saw more than the average counts',
      load: { inFlight: 30, rate: 1_000, serviceMs: 20 },
      wants: 30,
      active: true,
    },
    {
      why: 'rare and short: hardly anything, but in use',
      load: { rate: 0.1, serviceMs: 5 },
      wants: 0.0005,
      active: true,
    },
  ];
  test.each(rows)('$wants: $why', ({ load, wants, active }) => {
    expect(concurrencyOf({ ...NO_LOAD, ...load })).toBeCloseTo(wants, 9);
    expect(isActive({ ...NO_LOAD, ...load })).toBe(active);
  });
});
