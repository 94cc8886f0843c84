import { describe, expect, test } from '@jest/globals';
import { activityOf } from '../../../../src/local/drivers/qemu/watchdog/activity.ts';
import { verdict, type Observation } from '../../../../src/local/drivers/qemu/watchdog/plan.ts';

const LIMITS = { bootMs: 60_000, silentMs: 10_000 };
const STARTED = 1_000;

function seen(changes: Partial<Observation>): Observation {
  return {
    startedAt: STARTED,
    answeredAt: undefined,
    programAt: undefined,
    since: [],
    ...changes,
  };
}

const times = <T>(count: number, value: T): T[] => Array.from({ length: count }, () => value);

describe('a guest is ended', () => {
  test.each([
    {
      why: 'it does not come up',
      observation: seen({ programAt: 60_900 }),
      now: 61_001,
      says: 'no answer within 60 s of its start',
    },
    {
      why: 'it livelocks in its kernel',
      observation: seen({ answeredAt: 20_000, since: times(10, 'kernel' as const) }),
      now: 30_001,
      says: 'no answer for 10 s, it spins in its kernel',
    },
    {
      why: 'it stands still',
      observation: seen({ answeredAt: 20_000, since: times(10, 'halted' as const) }),
      now: 35_000,
      says: 'no answer for 15 s, it stands still',
    },
    {
      why: 'it computed first and livelocks since',
      observation: seen({
        answeredAt: 20_000,
        programAt: 40_000,
        since: times(10, 'kernel' as const),
      }),
      now: 50_001,
      says: 'no answer for 30 s, it spins in its kernel',
    },
    {
      why: 'it stood still before its first answer',
      observation: seen({ since: times(30, 'halted' as const) }),
      now: 11_500,
      says: 'no answer for 11 s, it stands still',
    },
  ])('when $why', ({ observation, now, says }) => {
    expect(verdict(observation, now, LIMITS)).toBe(says);
  });
});

describe('a guest is left alone', () => {
  test.each([
    { why: 'it boots', observation: seen({ programAt: 59_000 }), now: 60_000 },
    { why: 'it answered a moment ago', observation: seen({ answeredAt: 20_000 }), now: 29_000 },
    {
      why: 'a function computes',
      observation: seen({ answeredAt: 20_000, programAt: 99_000 }),
      now: 100_000,
    },
    {
      why: 'too little was seen of it: the host is busy',
      observation: seen({ answeredAt: 20_000, since: times(9, 'kernel' as const) }),
      now: 90_000,
    },
  ])('while $why', ({ observation, now }) => {
    expect(verdict(observation, now, LIMITS)).toBeUndefined();
  });
});

describe('where a guest is', () => {
  const kernel = { begin: 0x40200000n, end: 0x40900000n };
  const cpu = (rip: string, halted: number): string =>
    `CPU#0\nRAX=0000000000000001 RBX=0\nRIP=${rip} RFL=00000246 [---Z-P-] CPL=0 II=0 A20=1 SMM=0 HLT=${halted}\nES =0000\n`;

  test.each([
    { text: cpu('0000000040201234', 0), is: 'kernel' },
    { text: cpu('0000000040201234', 1), is: 'halted' },
    { text: cpu('00001000006fe123', 0), is: 'program' },
    { text: cpu('0000000040900000', 0), is: 'program', why: 'the end is outside' },
    { text: cpu('0000000040201234', 1) + cpu('0000000040201234', 0), is: 'kernel' },
    { text: cpu('0000000040201234', 0) + cpu('00001000006fe123', 0), is: 'program' },
    { text: 'unknown command', is: undefined },
  ])('is $is', ({ text, is }) => {
    expect(activityOf(text, kernel)).toBe(is);
  });
});
