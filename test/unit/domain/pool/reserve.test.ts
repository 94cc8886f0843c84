import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import {
  reserve,
  type ReservableVm,
  type ReserveFacts,
} from '../../../../src/domain/pool/reserve.ts';

function vms(stage: ReservableVm['stage'], names: string, labelled = false): ReservableVm[] {
  return names.split(' ').map((name) => ({ name, stage, labelled }));
}

function numbered(count: number): ReservableVm[] {
  return Array.from({ length: count }, (_, n) => ({
    name: `g${n}`,
    stage: 'generic',
    labelled: false,
  }));
}

function list(changes: Partial<ReserveFacts>): string | undefined {
  const facts = { vms: [], reserved: new Set<string>(), recentBinds: 0, waiting: 0, ...changes };
  return reserve(facts)?.join(' ');
}

describe('what is reserved', () => {
  test.each<{ why: string; given: Partial<ReserveFacts>; is: string | undefined }>([
    { why: 'a pool without a list gets one, empty or not', given: { reserved: undefined }, is: '' },
    { why: 'two of a small pool', given: { vms: vms('generic', 'a b c d') }, is: 'a b' },
    {
      why: 'as many as were bound lately',
      given: { vms: vms('generic', 'a b c d'), recentBinds: 3 },
      is: 'a b c',
    },
    {
      why: 'as many as are waited for',
      given: { vms: vms('generic', 'a b c d'), waiting: 4 },
      is: 'a b c d',
    },
    {
      why: 'those that boot, where too few are up',
      given: { vms: [...vms('starting', 's t u'), ...vms('generic', 'a')] },
      is: 'a s',
    },
    {
      why: 'more of those that boot, when more wait',
      given: { vms: [...vms('starting', 's t u'), ...vms('generic', 'a')], waiting: 3 },
      is: 'a s t',
    },
    {
      why: 'what has code and no label yet stays, whatever happens',
      given: { vms: [...vms('taken', 'x'), ...vms('generic', 'a')], reserved: new Set(['x']) },
      is: 'x a',
    },
    {
      why: 'what has a label needs no reservation',
      given: { vms: vms('taken', 'x', true), reserved: new Set(['x']) },
      is: '',
    },
    {
      why: 'what goes and was never listed has no code',
      given: { vms: vms('taken', 'x'), reserved: new Set() },
      is: undefined,
    },
    {
      why: 'what may have been listed stays, where the list is not known',
      given: { vms: vms('taken', 'x'), reserved: undefined },
      is: 'x',
    },
    {
      why: 'nothing is written for a list that will do',
      given: {
        vms: vms('generic', 'a b c d'),
        reserved: new Set(['a', 'b', 'c', 'gone']),
        recentBinds: 2,
      },
      is: undefined,
    },
    {
      why: 'a busy list grows and does not shrink',
      given: { vms: vms('generic', 'a b c d'), reserved: new Set(['c', 'd']), recentBinds: 2 },
      is: 'a b c d',
    },
    {
      why: 'a quiet one shrinks, once',
      given: { vms: vms('generic', 'a b c d'), reserved: new Set(['a', 'b', 'c', 'd']) },
      is: 'a b',
    },
    {
      why: 'and then rests',
      given: { vms: vms('generic', 'a b c d'), reserved: new Set(['b', 'a']) },
      is: undefined,
    },
  ])('$why', ({ given, is }) => {
    expect(list(given)).toBe(is);
  });

  test('an eighth of a large pool that is quiet', () => {
    expect(list({ vms: numbered(40) })).toBe('g0 g1 g2 g3 g4');
  });
});

test('whatever happens: what may have code without a label is on the list, before and after', () => {
  const vm = fc.record({
    name: fc.constantFrom('a', 'b', 'c', 'd', 'e', 'f'),
    stage: fc.constantFrom('starting', 'generic', 'taken'),
    labelled: fc.boolean(),
  }) as fc.Arbitrary<ReservableVm>;
  const facts = fc.record({
    vms: fc.uniqueArray(vm, { selector: (one) => one.name }),
    reserved: fc.option(
      fc
        .array(fc.constantFrom('a', 'b', 'c', 'd', 'e', 'f'))
        .map((names) => new Set<string>(names)),
      { nil: undefined },
    ),
    recentBinds: fc.nat({ max: 9 }),
    waiting: fc.nat({ max: 9 }),
  });
  fc.assert(
    fc.property(facts, (given) => {
      const next = new Set<string>(reserve(given) ?? given.reserved);
      const held = given.vms.filter((one) => one.stage === 'taken' && !one.labelled);
      expect(
        held.filter((one) => given.reserved?.has(one.name) === true && !next.has(one.name)),
      ).toEqual([]);
      // A list that was just written is written no second time.
      expect(reserve({ ...given, reserved: next })).toBeUndefined();
    }),
  );
});
