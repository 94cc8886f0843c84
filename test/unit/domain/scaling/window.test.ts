import { describe, expect, test } from '@jest/globals';
import {
  addTo,
  interrupted,
  largestOf,
  nextChangeMs,
  type Window,
} from '../../../../src/domain/scaling/window.ts';

const SPAN = 30_000;

/** Recommendations made one after the other: time in seconds, and VMs. */
function played(...steps: readonly (readonly [number, number])[]): Window {
  let window: Window | undefined;
  for (const [second, vms] of steps) window = addTo(window, second * 1000, vms, SPAN);
  return window ?? { since: 0, entries: [] };
}

describe('the largest recommendation of the last 30 seconds', () => {
  const rows: { why: string; steps: [number, number][]; largest: number }[] = [
    { why: 'the only one', steps: [[0, 3]], largest: 3 },
    {
      why: 'a rise counts at once',
      steps: [
        [0, 3],
        [1, 7],
      ],
      largest: 7,
    },
    {
      why: 'a fall does not',
      steps: [
        [0, 7],
        [1, 3],
      ],
      largest: 7,
    },
    {
      why: 'until the time is over',
      steps: [
        [0, 7],
        [1, 3],
        [31, 3],
      ],
      largest: 3,
    },
    {
      why: 'a moment before that',
      steps: [
        [0, 7],
        [1, 3],
        [30.9, 3],
      ],
      largest: 7,
    },
    {
      why: 'it was in force until the next one came, even if nothing was said for long',
      steps: [
        [0, 7],
        [100, 3],
        [129, 3],
      ],
      largest: 7,
    },
    {
      why: 'step by step down',
      steps: [
        [0, 7],
        [10, 5],
        [20, 3],
        [45, 3],
      ],
      largest: 5,
    },
    {
      why: 'a rise in between hides what was lower',
      steps: [
        [0, 2],
        [5, 6],
        [6, 1],
        [36, 1],
      ],
      largest: 1,
    },
  ];
  test.each(rows)('$largest: $why', ({ steps, largest }) => {
    expect(largestOf(played(...steps))).toBe(largest);
  });

  test('an idle time of zero keeps nothing', () => {
    expect(largestOf(addTo(addTo(undefined, 0, 9, 0), 0, 2, 0))).toBe(2);
  });

  test('nothing was ever wanted', () => {
    expect(largestOf({ since: 0, entries: [] })).toBe(0);
  });
});

describe('what is known', () => {
  test('begins with the first recommendation', () => {
    expect(played([5, 1], [9, 2]).since).toBe(5_000);
  });

  test('begins anew where data were missing, and keeps what was wanted', () => {
    const window = interrupted(played([5, 4], [9, 2]), 20_000);
    expect(window.since).toBe(20_000);
    expect(largestOf(window)).toBe(4);
  });
});

describe('when the largest leaves', () => {
  const rows: { why: string; steps: [number, number][]; now: number; ms: number }[] = [
    { why: 'the newest never does by itself', steps: [[0, 7]], now: 10, ms: 0 },
    {
      why: 'its time after a lower one came',
      steps: [
        [0, 7],
        [4, 3],
      ],
      now: 10,
      ms: 24_000,
    },
    {
      why: 'overdue: at once',
      steps: [
        [0, 7],
        [4, 3],
      ],
      now: 99,
      ms: 1,
    },
  ];
  test.each(rows)('$ms ms: $why', ({ steps, now, ms }) => {
    expect(nextChangeMs(played(...steps), now * 1000, SPAN)).toBe(ms);
  });
});
