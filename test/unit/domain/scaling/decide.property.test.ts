/** What holds for an application whatever happens: random facts, and a random life played through. */
import { describe, expect, test } from '@jest/globals';
import {
  decideScale,
  type ApplicationVm,
  type ScaleFacts,
} from '../../../../src/domain/scaling/decide.ts';
import { concurrencyOf, NO_LOAD } from '../../../../src/domain/scaling/load.ts';
import type { Window } from '../../../../src/domain/scaling/window.ts';
import { random, seeds, type Random } from '../../support/random.ts';

const NOW = 10_000_000;

function anyVm(r: Random, index: number): ApplicationVm {
  return {
    vmId: `vm-${index}`,
    stage: r.pick(['bound', 'bound', 'binding']),
    currentCode: r.int(0, 3) > 0,
    currentImage: r.int(0, 3) > 0,
    boundAt: NOW - r.int(0, 100_000),
  };
}

function anyWindow(r: Random): Window | undefined {
  if (r.int(0, 3) === 0) return undefined;
  const since = NOW - r.int(0, 100_000);
  const entries = [r.int(0, 40_000), r.int(0, 40_000)]
    .toSorted((a, b) => b - a)
    .map((age, index) => ({ at: NOW - age, vms: 12 - 6 * index + r.int(0, 5) }));
  return { since, entries };
}

function anyFacts(r: Random): ScaleFacts {
  const min = r.int(0, 4);
  return {
    now: NOW,
    settings: {
      slots: r.int(1, 20),
      min,
      max: Math.max(1, min + r.int(0, 15)),
      headroomPercent: r.pick([0, 20, 100]),
      idleAfterMs: r.pick([0, 1_000, 30_000]),
    },
    load:
      r.int(0, 3) === 0 ? NO_LOAD : { ...NO_LOAD, inFlight: r.int(0, 80), waiting: r.int(0, 40) },
    complete: r.int(0, 2) > 0,
    vms: Array.from({ length: r.int(0, 25) }, (_, index) => anyVm(r, index)),
    window: anyWindow(r),
  };
}

describe('any application', () => {
  test.each(seeds(200))('seed %i', (seed) => {
    const r = random(seed);
    for (let round = 0; round < 20; round += 1) {
      const facts = anyFacts(r);
      const { settings, vms, load } = facts;
      const decision = decideScale(facts);
      const current = vms.filter((vm) => vm.currentCode).length;
      const drained = new Set(decision.drain);
      const left = vms.filter((vm) => vm.stage === 'bound' && !drained.has(vm.vmId)).length;
      const bound = vms.filter((vm) => vm.stage === 'bound').length;

      expect(decision.bind).toBeGreaterThanOrEqual(0);
      expect(decision.renew).toBeGreaterThanOrEqual(0);
      expect(current + decision.bind).toBeLessThanOrEqual(Math.max(current, settings.max));
      const currentImage = vms.filter((vm) => vm.currentCode && vm.currentImage).length;
      const renewed = currentImage + decision.bind + decision.renew;
      expect(renewed).toBeLessThanOrEqual(Math.max(currentImage + decision.bind, settings.max));
      // Each once, and only VMs that are bound.
      expect(drained.size).toBe(decision.drain.length);
      for (const vm of vms) if (vm.stage === 'binding') expect(drained.has(vm.vmId)).toBe(false);
      // Never below the minimum, nor below what the load needs at this moment.
      const needed = Math.ceil(concurrencyOf(load) / settings.slots);
      const floor = Math.min(bound, Math.max(settings.min, Math.min(needed, settings.max)));
      expect(left).toBeGreaterThanOrEqual(floor);
      if (!facts.complete) expect(decision.drain).toEqual([]);
      // Nobody who wants a VM goes without one coming.
      if (needed > 0) expect(current + decision.bind).toBeGreaterThan(0);
    }
  });
});

/** A minute of steady load, a new revision in the middle, in a pool with `spare` VMs more than needed. */
function roll(r: Random, spare: number): { fewest: number; most: number; old: number } {
  const needed = r.int(1, 8);
  const settings = { slots: 1, min: 0, max: 50, headroomPercent: 0, idleAfterMs: 5_000 };
  const load = { ...NO_LOAD, inFlight: needed };
  let window: Window | undefined = { since: 0, entries: [{ at: NOW, vms: needed }] };
  let draining: number[] = [];
  let made = 0;
  let vms: ApplicationVm[] = Array.from({ length: needed }, (_, index) => ({
    ...anyVm(r, index),
    vmId: `old-${index}`,
    stage: 'bound',
    currentCode: false,
  }));
  let [fewest, most] = [Infinity, 0];
  for (let now = NOW; now < NOW + 60_000; now += 500) {
    vms = vms.map((vm) => (r.int(0, 1) === 0 ? { ...vm, stage: 'bound' } : vm));
    draining = draining.filter((until) => until > now);
    const decision = decideScale({ now, settings, load, complete: r.int(0, 49) > 0, vms, window });
    ({ window } = decision);
    const drained = new Set(decision.drain);
    vms = vms.filter((vm) => !drained.has(vm.vmId));
    draining.push(...decision.drain.map(() => now + r.int(0, 5_000)));
    const room = needed + spare - vms.length - draining.length;
    for (let i = 0; i < Math.min(room, decision.bind); i += 1) {
      made += 1;
      vms.push({
        vmId: `new-${made}`,
        stage: 'binding',
        currentCode: true,
        currentImage: true,
        boundAt: now,
      });
    }
    fewest = Math.min(fewest, vms.filter((vm) => vm.stage === 'bound').length - needed);
    most = Math.max(most, vms.filter((vm) => vm.currentCode).length - needed);
  }
  return { fewest, most, old: vms.filter((vm) => !vm.currentCode).length };
}

describe('a rollout under load', () => {
  test.each(seeds(40))(
    'ends, without a gap and without waste, with one spare VM: seed %i',
    (seed) => {
      expect(roll(random(seed), 1)).toEqual({ fewest: 0, most: 0, old: 0 });
    },
  );

  test.each(seeds(40))('and with room for all: seed %i', (seed) => {
    expect(roll(random(seed), 20)).toEqual({ fewest: 0, most: 0, old: 0 });
  });
});
