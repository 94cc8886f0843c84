/** What holds for a pool whatever happens: random facts, and random lives of pools played through. */
import { describe, expect, test } from '@jest/globals';
import { planPool, type PoolFacts, type PoolVm } from '../../../../src/domain/pool/plan.ts';
import { random, seeds, type Random } from '../../support/random.ts';

const NOW = 10_000_000;

function anyVm(r: Random, index: number): PoolVm {
  const stage = r.pick(['starting', 'generic', 'taken', 'going']);
  const stuck = stage === 'starting' && r.int(0, 9) === 0;
  return {
    name: `vm-${index}`,
    stage,
    currentImage: r.int(0, 2) > 0,
    running: stage !== 'starting' || r.int(0, 3) === 0,
    since: NOW - r.int(0, 200_000),
    unschedulable: stuck ? 'no node' : undefined,
    pending: stuck || (stage === 'starting' && r.int(0, 9) === 0),
  };
}

function anyFacts(r: Random): PoolFacts {
  const min = r.int(0, 10);
  return {
    now: NOW,
    min,
    max: min + r.int(0, 10),
    maxVms: r.int(1, 40),
    readyTimeoutMs: 120_000,
    vms: Array.from({ length: r.int(0, 40) }, (_, index) => anyVm(r, index)),
    backlog: r.int(0, 2) === 0 ? r.int(0, 20) : 0,
    allowance: r.int(0, 10),
  };
}

describe('any pool', () => {
  test.each(seeds(200))('seed %i', (seed) => {
    const r = random(seed);
    for (let round = 0; round < 20; round += 1) {
      const facts = anyFacts(r);
      const plan = planPool(facts);
      const count = (of: (vm: PoolVm) => boolean): number => facts.vms.filter(of).length;
      const live = count((vm) => vm.stage !== 'going');
      const going = new Set(plan.remove.map(({ name }) => name));
      const gone = facts.vms.filter((vm) => going.has(vm.name));
      const readyLeft = count((vm) => vm.stage === 'generic' && !going.has(vm.name));

      expect(plan.create).toBeGreaterThanOrEqual(0);
      expect(plan.create).toBeLessThanOrEqual(facts.allowance);
      expect(live + plan.create).toBeLessThanOrEqual(Math.max(live, facts.maxVms));
      expect(plan.target).toBeLessThanOrEqual(Math.max(facts.max, facts.min));
      // Each once, and only what belongs to nobody.
      expect(going.size).toBe(plan.remove.length);
      expect(gone.every((vm) => vm.stage === 'starting' || vm.stage === 'generic')).toBe(true);
      // A ready VM goes only from more than the target, or to make room for one.
      const ready = count((vm) => vm.stage === 'generic');
      const room = plan.hold === 'MaxVms' ? 1 : 0;
      expect(readyLeft).toBeGreaterThanOrEqual(Math.min(ready, plan.target) - room);
      // Nothing waits unless something holds it.
      const coming = count(
        (vm) => vm.stage === 'starting' && vm.currentImage && !going.has(vm.name),
      );
      const current = count((vm) => vm.stage === 'generic' && vm.currentImage);
      if (plan.hold === undefined) {
        expect(current + coming + plan.create).toBeGreaterThanOrEqual(plan.target);
      }
    }
  });
});

interface Life {
  readonly min: number;
  readonly maxVms: number;
  readonly taken: number;
}

/** Plays an image roll in steps of a second; every VM takes `startMs`, deletion a random time. */
function roll(r: Random, { min, maxVms, taken }: Life): { ready: number[]; most: number } {
  let vms: PoolVm[] = [
    ...Array.from({ length: min }, (_, i) => made(`old-${i}`, 'generic', 0, false)),
    ...Array.from({ length: taken }, (_, i) => made(`taken-${i}`, 'taken', 0, false)),
  ];
  const ready: number[] = [];
  let most = 0;
  for (let now = 1_000; now < 400_000; now += 1_000) {
    vms = vms.flatMap((vm) => {
      if (vm.stage === 'going') return r.int(0, 2) === 0 ? [] : [vm];
      const up = vm.stage === 'starting' && now - vm.since >= 5_000 && r.int(0, 2) === 0;
      return [up ? { ...vm, stage: 'generic', running: true, since: now } : vm];
    });
    const plan = planPool({
      now,
      min,
      max: 2 * min + 10,
      maxVms,
      readyTimeoutMs: 120_000,
      vms,
      backlog: 0,
      allowance: r.int(0, 10),
    });
    const going = new Set(plan.remove.map(({ name }) => name));
    vms = vms.map((vm) => (going.has(vm.name) ? { ...vm, stage: 'going', since: now } : vm));
    for (let i = 0; i < plan.create; i += 1)
      vms.push(made(`new-${now}-${i}`, 'starting', now, true));
    ready.push(vms.filter((vm) => vm.stage === 'generic').length);
    most = Math.max(most, vms.filter((vm) => vm.stage !== 'going').length);
    if (vms.every((vm) => vm.currentImage || vm.stage === 'taken') && ready.at(-1) === min) break;
  }
  return { ready, most };
}

function made(name: string, stage: PoolVm['stage'], since: number, currentImage: boolean): PoolVm {
  return {
    name,
    stage,
    currentImage,
    since,
    running: stage !== 'starting',
    unschedulable: undefined,
    pending: false,
  };
}

describe('an image roll', () => {
  test.each(seeds(60))('never empties a pool with room: seed %i', (seed) => {
    const r = random(seed);
    const min = r.int(1, 12);
    const life = { min, taken: r.int(0, 5), maxVms: 5 + 2 * min + r.int(0, 5) };
    const { ready, most } = roll(r, life);
    expect(Math.min(...ready)).toBeGreaterThanOrEqual(min);
    expect(most).toBeLessThanOrEqual(life.maxVms);
    expect(ready.length).toBeLessThan(399);
  });

  test.each(seeds(60))('dips by one at most in a full pool: seed %i', (seed) => {
    const r = random(seed);
    const min = r.int(1, 12);
    const taken = r.int(0, 5);
    const life = { min, taken, maxVms: min + taken };
    const { ready, most } = roll(r, life);
    expect(Math.min(...ready)).toBe(min - 1);
    expect(most).toBeLessThanOrEqual(life.maxVms);
    expect(ready.length).toBeLessThan(399);
  });
});
