import { describe, expect, test } from '@jest/globals';
import type { ApplicationSettings } from '../../../../src/domain/application.ts';
import { decideScale, type ScaleFacts } from '../../../../src/domain/scaling/decide.ts';
import { NO_LOAD } from '../../../../src/domain/scaling/load.ts';
import { binding, bound, facts, outdated, running, SETTINGS } from './facts.ts';

interface Row {
  readonly why: string;
  readonly given: Partial<ScaleFacts>;
  readonly settings?: Partial<ApplicationSettings>;
  readonly desired: number;
  readonly bind: number;
}

function check({ given, settings, desired, bind }: Row): void {
  const decision = decideScale(facts({ settings: { ...SETTINGS, ...settings }, ...given }));
  expect({ desired: decision.desired, bind: decision.bind }).toEqual({ desired, bind });
  expect(decision.renew).toBe(0);
  expect(decision.drain).toEqual([]);
}

describe('VMs that do not answer', () => {
  const suspect = { suspect: true };

  test.each<Row>([
    {
      why: 'one is replaced at once, though it may come back',
      given: { load: running(3), vms: bound(1, suspect) },
      desired: 1,
      bind: 1,
    },
    {
      why: 'others that serve are counted',
      given: { load: running(25), vms: [...bound(2), ...bound(1, suspect)] },
      desired: 3,
      bind: 1,
    },
    {
      why: 'three are replaced; code that hangs all of its VMs gets no pool for that',
      given: { load: running(45), vms: bound(5, suspect) },
      desired: 5,
      bind: 3,
    },
    {
      why: 'what is on its way is subtracted',
      given: { load: running(3), vms: [...bound(1, suspect), ...binding(1)] },
      desired: 1,
      bind: 0,
    },
    { why: 'at rest none is replaced', given: { vms: bound(2, suspect) }, desired: 0, bind: 0 },
  ])('$why', check);
});

describe('how many VMs a load asks for', () => {
  test.each<Row>([
    { why: 'nobody, nothing', given: {}, desired: 0, bind: 0 },
    { why: 'a first request', given: { load: running(0, 1) }, desired: 1, bind: 1 },
    { why: 'exactly full', given: { load: running(10) }, desired: 1, bind: 1 },
    { why: 'one more than a VM holds', given: { load: running(10, 1) }, desired: 2, bind: 2 },
    { why: 'what runs and what waits', given: { load: running(20, 25) }, desired: 5, bind: 5 },
    {
      why: 'arrivals times service time, where answers are quicker than reports',
      given: { load: { ...NO_LOAD, rate: 1_000, serviceMs: 45 } },
      desired: 5,
      bind: 5,
    },
    {
      why: 'hardly any load is load: one VM stays up',
      given: { load: { ...NO_LOAD, rate: 0.2, serviceMs: 1 } },
      desired: 1,
      bind: 1,
    },
    {
      why: 'a rate before anything was answered',
      given: { load: { ...NO_LOAD, rate: 5 } },
      desired: 1,
      bind: 1,
    },
    {
      why: 'rounding does not invent a VM',
      given: { load: { ...NO_LOAD, rate: 300, serviceMs: 100 } },
      settings: { slots: 30 },
      desired: 1,
      bind: 1,
    },
  ])('$desired: $why', check);
});

describe('headroom starts VMs before the others are full', () => {
  const headroomPercent = 20;
  test.each<Row>([
    {
      why: '8 of 10 busy: 9.6 with headroom still fit',
      given: { load: running(8), vms: bound(1) },
      settings: { headroomPercent },
      desired: 1,
      bind: 0,
    },
    {
      why: '9 of 10 busy: one slot is free, the next VM starts',
      given: { load: running(9), vms: bound(1) },
      settings: { headroomPercent },
      desired: 2,
      bind: 1,
    },
    {
      why: 'with one slot a VM half of the VMs would be spares at least: one of two',
      given: { load: running(1), vms: bound(1) },
      settings: { headroomPercent, slots: 1 },
      desired: 2,
      bind: 1,
    },
    {
      why: 'spares stay few: a fifth of a hundred',
      given: { load: running(100), vms: bound(10) },
      settings: { headroomPercent },
      desired: 12,
      bind: 2,
    },
  ])('$desired: $why', check);
});

describe('what is there and what is on its way counts', () => {
  test.each<Row>([
    {
      why: 'a burst of which a part is on its way',
      given: { load: running(0, 50), vms: [...bound(1), ...binding(3)] },
      desired: 5,
      bind: 1,
    },
    {
      why: 'all on its way',
      given: { load: running(0, 50), vms: binding(5) },
      desired: 5,
      bind: 0,
    },
    {
      why: 'more than needed is on its way',
      given: { load: running(0, 10), vms: binding(5) },
      desired: 1,
      bind: 0,
    },
    {
      why: 'a VM from an old image serves as well as any: it is not asked for again',
      given: { load: running(0, 1), vms: binding(1, { currentImage: false }) },
      desired: 1,
      bind: 0,
    },
    {
      why: 'old code on its way will have to be replaced',
      given: { load: running(0, 1), vms: binding(1, { currentCode: false }) },
      desired: 1,
      bind: 1,
    },
  ])('bind $bind: $why', check);
});

describe('the bounds of its owner', () => {
  test.each<Row>([
    { why: 'min without load', given: {}, settings: { min: 3 }, desired: 3, bind: 3 },
    {
      why: 'min counts what is there',
      given: { vms: [...bound(1), ...binding(1)] },
      settings: { min: 3 },
      desired: 3,
      bind: 1,
    },
    {
      why: 'max, whatever waits',
      given: { load: running(0, 10_000), vms: bound(18) },
      desired: 20,
      bind: 2,
    },
    { why: 'at max', given: { load: running(200, 999), vms: bound(20) }, desired: 20, bind: 0 },
    {
      why: 'max lowered below what is there: nothing new, and nothing goes at once',
      given: { load: running(200), vms: bound(20) },
      settings: { max: 5 },
      desired: 5,
      bind: 0,
    },
    {
      why: 'min equals max',
      given: { load: running(1) },
      settings: { min: 4, max: 4 },
      desired: 4,
      bind: 4,
    },
  ])('$desired: $why', check);
});

test('scale-out needs no complete data: what one gateway sees waiting, waits', () => {
  const load = running(0, 25);
  expect(decideScale(facts({ load, complete: false })).bind).toBe(3);
});

test('a rollout never binds more new VMs than max', () => {
  const given = { load: running(200), vms: [...outdated(20), ...bound(15), ...binding(2)] };
  expect(decideScale(facts(given)).bind).toBe(3);
});
