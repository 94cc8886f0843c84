import { expect, test } from '@jest/globals';
import { allowance } from '../../../src/agent/watchdog/plan.ts';

const PLAN = {
  functions: [
    { name: 'fast', timeoutMs: 1_000 },
    { name: 'slow', timeoutMs: 60_000 },
  ],
  idleMs: 10_000,
  graceMs: 500,
};

test.each([
  { why: 'nothing runs: as long as a module may load', counts: [0, 0], ms: 10_500, running: {} },
  { why: 'its own timeout and the grace', counts: [2, 0], ms: 1_500, running: { fast: 2 } },
  {
    why: 'the longest, since nobody can tell which one computes',
    counts: [1, 1],
    ms: 60_500,
    running: { fast: 1, slow: 1 },
  },
])('$why', ({ counts, ms, running }) => {
  expect(allowance(PLAN, (index) => counts[index] ?? 0)).toEqual({ ms, running });
});
