import { beforeEach, describe, expect, test } from '@jest/globals';
import { Backlog } from '../../../../src/domain/scaling/backlog.ts';
import { chosen } from '../../../../src/domain/scaling/choose.ts';

describe('backlog', () => {
  let backlog: Backlog;

  beforeEach(() => {
    backlog = new Backlog();
    backlog.set('a', 'one', 2);
    backlog.set('b', 'one', 3);
    backlog.set('c', 'two', 5);
  });

  test('by application and by pool', () => {
    expect([backlog.of('a'), backlog.of('nobody')]).toEqual([2, 0]);
    expect(['one', 'two', 'three'].map((pool) => backlog.ofPool(pool))).toEqual([5, 5, 0]);
  });

  test('says what is news', () => {
    expect(backlog.set('a', 'one', 2)).toBe(false);
    expect(backlog.set('a', 'one', 1)).toBe(true);
    expect(backlog.set('a', 'one', 0)).toBe(true);
    expect(backlog.set('a', 'one', 0)).toBe(false);
    expect(backlog.ofPool('one')).toBe(3);
  });

  test('is dropped once', () => {
    expect(backlog.drop('c')).toBe('two');
    expect(backlog.drop('c')).toBeUndefined();
    expect(backlog.ofPool('two')).toBe(0);
  });

  test('where requests wait longest comes first', () => {
    const waits: Readonly<Record<string, number>> = { a: 1, b: 9, c: 99 };
    expect(backlog.ranked('one', (id) => waits[id] ?? 0)).toEqual(['b', 'a']);
  });
});

describe('which generic VMs are taken', () => {
  const vms = [
    { name: 'old-2', poolRevision: 'old', since: 2 },
    { name: 'new-4', poolRevision: 'new', since: 4 },
    { name: 'old-1', poolRevision: 'old', since: 1 },
    { name: 'new-3', poolRevision: 'new', since: 3 },
  ];
  const names = (bind: number, renew: number, revision?: string): string[] =>
    chosen(vms, revision, { bind, renew }).map(({ name }) => name);

  test.each([
    { bind: 0, renew: 0, are: [], why: 'none' },
    { bind: 1, renew: 0, are: ['new-3'], why: 'the oldest of the current image' },
    { bind: 3, renew: 0, are: ['new-3', 'new-4', 'old-1'], why: 'then of others' },
    { bind: 9, renew: 9, are: ['new-3', 'new-4', 'old-1', 'old-2'], why: 'no more than there are' },
    { bind: 0, renew: 9, are: ['new-3', 'new-4'], why: 'none of an old image renews' },
    { bind: 1, renew: 1, are: ['new-3', 'new-4'], why: 'no VM twice' },
  ])('$bind and $renew: $why', ({ bind, renew, are }) => {
    expect(names(bind, renew, 'new')).toEqual(are);
  });

  test('the oldest while the pool is unknown', () => {
    expect(names(2, 1)).toEqual(['old-1', 'old-2']);
  });
});
