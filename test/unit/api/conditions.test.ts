import { describe, expect, test } from '@jest/globals';
import { timeOf, transition, type Condition, type Statement } from '../../../src/api/conditions.ts';

const NOW = Date.UTC(2026, 0, 2, 3, 4, 5, 678);
const BEFORE: Condition = {
  type: 'Ready',
  status: 'True',
  reason: 'Warm',
  message: '3 VMs wait',
  observedGeneration: 1,
  lastTransitionTime: '2025-01-01T00:00:00Z',
};

describe('a condition after a new statement', () => {
  const rows: { why: string; before: Condition[]; says: Statement; time: string }[] = [
    {
      why: 'the first of its type begins now',
      before: [],
      says: { type: 'Ready', status: 'True', reason: 'Warm', message: 'm' },
      time: '2026-01-02T03:04:05Z',
    },
    {
      why: 'another status begins now',
      before: [BEFORE],
      says: { type: 'Ready', status: 'False', reason: 'Warming', message: 'm' },
      time: '2026-01-02T03:04:05Z',
    },
    {
      why: 'Unknown is a status of its own',
      before: [BEFORE],
      says: { type: 'Ready', status: 'Unknown', reason: 'Silent', message: 'm' },
      time: '2026-01-02T03:04:05Z',
    },
    {
      why: 'another reason is no transition',
      before: [BEFORE],
      says: { type: 'Ready', status: 'True', reason: 'Hot', message: 'other words' },
      time: '2025-01-01T00:00:00Z',
    },
    {
      why: 'another type has a time of its own',
      before: [BEFORE],
      says: { type: 'Progressing', status: 'True', reason: 'Refilling', message: 'm' },
      time: '2026-01-02T03:04:05Z',
    },
  ];
  test.each(rows)('$why', ({ before, says, time }) => {
    expect(transition(before, [says], 7, NOW)).toEqual([
      { ...says, observedGeneration: 7, lastTransitionTime: time },
    ]);
  });

  test('what is no longer said goes, the order is that of the statements', () => {
    const says = (type: string): Statement => ({ type, status: 'True', reason: 'R', message: 'm' });
    const after = transition([BEFORE], [says('B'), says('A')], 1, NOW);
    expect(after.map(({ type }) => type)).toEqual(['B', 'A']);
  });
});

test('times have seconds, as the API server prints them', () => {
  expect(timeOf(NOW)).toBe('2026-01-02T03:04:05Z');
  expect(timeOf(0)).toBe('1970-01-01T00:00:00Z');
});
