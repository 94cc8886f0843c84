import { describe, expect, test } from '@jest/globals';
import {
  planPool,
  SURPLUS_AFTER_MS,
  warmMax,
  type PoolFacts,
  type PoolVm,
} from '../../../../src/domain/pool/plan.ts';
import { facts, generic, HOUR, NOW, removed, starting, taken, vms } from './facts.ts';

describe('how many VMs a pool creates', () => {
  const rows: { why: string; given: Partial<PoolFacts>; create: number; hold?: string }[] = [
    { why: 'an empty pool fills up', given: {}, create: 5 },
    { why: 'what is ready counts', given: { vms: generic(3) }, create: 2 },
    { why: 'what is on its way counts (I7)', given: { vms: starting(5) }, create: 0 },
    {
      why: 'ready and on the way together',
      given: { vms: [...generic(2), ...starting(2)] },
      create: 1,
    },
    { why: 'bound ones are no longer the pool’s', given: { vms: taken(5) }, create: 5 },
    {
      why: 'what is being deleted serves nobody',
      given: { vms: generic(5, { stage: 'going' }) },
      create: 5,
    },
    {
      why: 'waiting applications come on top of the reserve',
      given: { vms: generic(5), backlog: 3 },
      create: 3,
    },
    {
      why: 'a burst is bounded by warm.max, and each pass by the refill rate',
      given: { backlog: 1_000, allowance: 1_000 },
      create: 20,
    },
    { why: 'a maximum below the minimum is none', given: { max: 2 }, create: 5 },
    { why: 'min 0 keeps none', given: { min: 0 }, create: 0 },
    { why: 'min 0 makes them on demand', given: { min: 0, backlog: 1 }, create: 1 },
    { why: 'the refill rate', given: { allowance: 3 }, create: 3, hold: 'RefillRate' },
    { why: 'a rate used up', given: { allowance: 0 }, create: 0, hold: 'RefillRate' },
    { why: 'exactly the rate', given: { allowance: 5 }, create: 5 },
    {
      why: 'bound VMs count against maxVms',
      given: { maxVms: 8, vms: taken(5) },
      create: 3,
      hold: 'MaxVms',
    },
    { why: 'exactly maxVms', given: { maxVms: 5 }, create: 5 },
    {
      why: 'nothing beyond maxVms',
      given: { maxVms: 5, vms: taken(5) },
      create: 0,
      hold: 'MaxVms',
    },
    {
      why: 'maxVms lowered below what there is',
      given: { maxVms: 3, vms: taken(5) },
      create: 0,
      hold: 'MaxVms',
    },
    {
      why: 'of two bounds the tighter one is told: the rate',
      given: { maxVms: 4, allowance: 2 },
      create: 2,
      hold: 'RefillRate',
    },
    {
      why: 'of two bounds the tighter one is told: maxVms',
      given: { maxVms: 2, allowance: 4 },
      create: 2,
      hold: 'MaxVms',
    },
    {
      why: 'a VM without a node: more would only queue up behind it',
      given: { vms: starting(1, { unschedulable: 'Insufficient memory' }) },
      create: 0,
      hold: 'Unschedulable',
    },
    {
      why: 'an unschedulable VM is no news in a full pool',
      given: { vms: [...generic(4), ...starting(1, { unschedulable: 'no' })] },
      create: 0,
    },
    {
      why: 'an unschedulable one that is being deleted holds nothing',
      given: { vms: vms(1, { stage: 'going', unschedulable: 'no' }) },
      create: 5,
    },
  ];
  test.each(rows)('$create $hold: $why', ({ given, create, hold }) => {
    const plan = planPool(facts(given));
    expect({ create: plan.create, hold: plan.hold }).toEqual({ create, hold });
    expect(plan.remove).toEqual([]);
  });

  test.each([
    { warm: { min: 5 }, max: 20, why: 'twice the minimum and ten' },
    { warm: { min: 0 }, max: 10, why: 'even a pool without reserve may answer a burst' },
    { warm: { min: 5, max: 7 }, max: 7, why: 'what the owner says' },
    { warm: { min: 0, max: 0 }, max: 0, why: 'nothing is something to say' },
  ])('most generic VMs of $warm: $why', ({ warm, max }) => {
    expect(warmMax(warm)).toBe(max);
  });
});

describe('VMs that do not become ready', () => {
  test('are replaced after the time that the pool allows', () => {
    const [just, late] = [NOW - 119_999, NOW - 120_000];
    const plan = planPool(
      facts({
        vms: [...starting(1, { name: 'just', since: just }), ...starting(1, { since: late })],
      }),
    );
    expect(removed(plan)).toEqual(['NotReady starting-0']);
    // One counts, the late one does not.
    expect(plan.create).toBe(4);
    expect(plan.againAfterMs).toBe(50);
  });

  test('are not replaced while they wait for a node: another would wait as well', () => {
    const plan = planPool(
      facts({ vms: starting(1, { since: NOW - HOUR, unschedulable: 'no node' }) }),
    );
    expect(plan.remove).toEqual([]);
    expect(plan.againAfterMs).toBeUndefined();
  });

  test('still count against maxVms until they are gone', () => {
    const plan = planPool(facts({ maxVms: 5, vms: starting(5, { since: NOW - HOUR }) }));
    expect(plan).toMatchObject({ create: 0, hold: 'MaxVms' });
    expect(plan.remove).toHaveLength(5);
  });

  test('are looked at again when the first of them would be late', () => {
    const plan = planPool(
      facts({
        vms: [...starting(2, { since: NOW - 20_000 }), ...starting(3, { since: NOW - 60_000 })],
      }),
    );
    expect(plan.againAfterMs).toBe(60_000);
  });
});

describe('more generic VMs than wanted', () => {
  const young = (count: number, age: number): PoolVm[] =>
    vms(count, { since: NOW - age }, `young-${age}-`);

  test('stay for a while: the next burst may want them', () => {
    const plan = planPool(facts({ vms: [...generic(5), ...young(2, SURPLUS_AFTER_MS - 1_000)] }));
    expect(plan.remove).toEqual([]);
    expect(plan.againAfterMs).toBe(1_000);
  });

  test('then go, those that came for the burst and not the reserve', () => {
    const plan = planPool(facts({ vms: [...generic(5), ...young(2, SURPLUS_AFTER_MS)] }));
    expect(removed(plan)).toEqual([
      `Surplus young-${SURPLUS_AFTER_MS}-generic-0`,
      `Surplus young-${SURPLUS_AFTER_MS}-generic-1`,
    ]);
  });

  test('those that wait to be started go at once, and those that start stay', () => {
    const pending = starting(2, { pending: true });
    const given = [...generic(4), ...starting(2, { name: 'starts' }), ...pending];
    expect(removed(planPool(facts({ vms: given })))).toEqual([
      'Surplus starting-0',
      'Surplus starting-1',
    ]);
    expect(planPool(facts({ min: 8, vms: given })).remove).toEqual([]);
  });

  test('a lowered minimum takes effect at once', () => {
    expect(planPool(facts({ min: 2, vms: generic(5) })).remove).toHaveLength(3);
  });

  test('what is only coming pushes out nothing that is ready', () => {
    const plan = planPool(facts({ vms: [...generic(5), ...starting(5)] }));
    expect(plan).toMatchObject({ create: 0, remove: [] });
  });

  test('are none while applications wait for them', () => {
    expect(planPool(facts({ backlog: 2, vms: generic(7) })).remove).toEqual([]);
  });
});

describe('when to look again although nothing happens', () => {
  const rows: { why: string; given: Partial<PoolFacts>; ms: number | undefined }[] = [
    { why: 'a settled pool', given: { vms: generic(5) }, ms: undefined },
    { why: 'a rate that lets nothing through', given: { allowance: 0 }, ms: 100 },
    { why: 'maxVms changes by events only', given: { maxVms: 1, vms: taken(1) }, ms: undefined },
    { why: 'VMs that are coming', given: { vms: starting(5) }, ms: 119_000 },
    { why: 'the earlier of two', given: { vms: starting(1), allowance: 1 }, ms: 100 },
  ];
  test.each(rows)('$ms: $why', ({ given, ms }) => {
    expect(planPool(facts(given)).againAfterMs).toBe(ms);
  });
});
