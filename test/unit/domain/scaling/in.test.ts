import { describe, expect, test } from '@jest/globals';
import { decideScale } from '../../../../src/domain/scaling/decide.ts';
import {
  binding,
  bound,
  facts,
  IDLE,
  NOW,
  running,
  SETTINGS,
  wanted,
  wantedUntil,
} from './facts.ts';

describe('VMs go', () => {
  const rows: { why: string; given: Parameters<typeof facts>[0]; drain: string[] }[] = [
    {
      why: 'all, when nobody came for the idle time',
      given: { vms: bound(2), window: wantedUntil(2, IDLE) },
      drain: ['bound-1', 'bound-0'],
    },
    {
      why: 'none a moment before',
      given: { vms: bound(2), window: wantedUntil(2, IDLE - 1) },
      drain: [],
    },
    {
      why: 'the youngest, which dispatch fills last',
      given: { vms: bound(3), load: running(15), window: wantedUntil(3, IDLE, 2) },
      drain: ['bound-2'],
    },
    {
      why: 'as many as were too many all the time, not as many as are now',
      given: { vms: bound(5), window: wantedUntil(3, IDLE - 1_000) },
      drain: ['bound-4', 'bound-3'],
    },
    {
      why: 'down to min',
      given: {
        vms: bound(5),
        window: wantedUntil(5, IDLE),
        settings: { ...SETTINGS, min: 2 },
      },
      drain: ['bound-4', 'bound-3', 'bound-2'],
    },
    {
      why: 'what a lowered max makes too many',
      given: {
        vms: bound(5),
        window: wanted(5),
        settings: { ...SETTINGS, max: 4 },
        load: running(50),
      },
      drain: ['bound-4'],
    },
    {
      why: 'none while others are coming: what those are for is seen when they are there',
      given: { vms: [...bound(2), ...binding(1)], window: wantedUntil(2, IDLE) },
      drain: [],
    },
    {
      why: 'none that an operator, just started, knows nothing of yet',
      given: { vms: bound(2), window: undefined },
      drain: [],
    },
    {
      why: 'none after a pause in which nothing was decided: it was in force until now',
      given: {
        vms: bound(5),
        window: { since: 0, entries: [{ at: NOW - 10 * IDLE, vms: 5 }] },
      },
      drain: [],
    },
    {
      why: 'at once, where the owner says idle after 0 seconds',
      given: {
        vms: bound(1),
        window: wanted(1),
        settings: { ...SETTINGS, idleAfterMs: 0 },
      },
      drain: ['bound-0'],
    },
  ];
  test.each(rows)('$drain: $why', ({ given, drain }) => {
    expect(decideScale(facts(given)).drain).toEqual(drain);
  });
});

describe('missing data never scales down (I6)', () => {
  test('nothing goes while a gateway is silent', () => {
    const given = { vms: bound(2), window: wantedUntil(2, IDLE), complete: false };
    expect(decideScale(facts(given)).drain).toEqual([]);
  });

  test('the idle time is counted from when data are complete again', () => {
    const vms = bound(2);
    let { window } = decideScale(facts({ vms, window: wantedUntil(2, IDLE), complete: false }));
    const drained: number[] = [];
    for (let ms = 1_000; ms <= IDLE + 1_000; ms += 1_000) {
      const decision = decideScale(facts({ vms, window, now: NOW + ms }));
      ({ window } = decision);
      if (decision.drain.length > 0) drained.push(ms);
    }
    expect(drained).toEqual([IDLE, IDLE + 1_000]);
  });
});

describe('when to look again although nothing happens', () => {
  const rows: { why: string; given: Parameters<typeof facts>[0]; ms: number | undefined }[] = [
    { why: 'no VMs, nothing to let go', given: {}, ms: undefined },
    { why: 'as many as are wanted', given: { vms: bound(1), load: running(1) }, ms: undefined },
    {
      why: 'min is kept for ever',
      given: { vms: bound(1), settings: { ...SETTINGS, min: 1 } },
      ms: undefined,
    },
    {
      why: 'one too many: when its time is over',
      given: { vms: bound(2), load: running(1), window: wantedUntil(2, IDLE - 400, 1) },
      ms: 400,
    },
    {
      why: 'and once a second until then, since data may go missing in between',
      given: { vms: bound(2), load: running(1), window: wantedUntil(2, 1_000, 1) },
      ms: 1_000,
    },
    {
      why: 'not more often than ten times a second',
      given: { vms: bound(2), load: running(1), window: wantedUntil(2, IDLE - 1, 1) },
      ms: 100,
    },
    {
      why: 'gateways that are silent touch nothing: ask again',
      given: { vms: bound(2), window: wantedUntil(2, IDLE), complete: false },
      ms: 1_000,
    },
    {
      why: 'an old VM waits for its successor',
      given: { vms: bound(1, { currentCode: false }), load: running(1), window: wanted(1) },
      ms: 1_000,
    },
  ];
  test.each(rows)('$ms: $why', ({ given, ms }) => {
    expect(decideScale(facts(given)).againAfterMs).toBe(ms);
  });
});
