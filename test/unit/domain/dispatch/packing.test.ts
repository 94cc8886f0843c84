import { describe, expect, test } from '@jest/globals';
import { Packing, type Packable } from '../../../../src/domain/dispatch/packing.ts';

function vm(vmId: string, slots: number, boundAt: number): Packable {
  return { vmId, slots, boundAt, inFlight: 0, listed: false };
}

function packing(...vms: Packable[]): Packing<Packable> {
  const made = new Packing();
  for (const each of vms) made.list(each);
  return made;
}

function takeAll(from: Packing<Packable>): string[] {
  const taken: string[] = [];
  for (let next = from.take(); next !== undefined; next = from.take()) taken.push(next.vmId);
  return taken;
}

/** The rule, written down as a plain search. */
function bestOf(vms: readonly Packable[]): Packable | undefined {
  const free = vms.filter((each) => each.listed && each.inFlight < each.slots);
  return free.toSorted(
    (a, b) => b.inFlight - a.inFlight || a.boundAt - b.boundAt || (a.vmId < b.vmId ? -1 : 1),
  )[0];
}

describe('Packing', () => {
  test('fills the oldest VM before it begins the next', () => {
    const made = packing(vm('young', 2, 20), vm('old', 2, 10));
    expect(takeAll(made)).toEqual(['old', 'old', 'young', 'young']);
  });

  test('prefers the fullest VM with a free slot to an older one', () => {
    const [old, young] = [vm('old', 3, 10), vm('young', 3, 20)];
    const made = packing(old, young);
    for (let taken = 0; taken < 4; taken += 1) made.take();
    // old has 3 of 3, young 1 of 3; two requests of old end: 1 and 1, then one of young's slots goes.
    made.give(old);
    expect(made.take()).toBe(old);
    made.give(old);
    made.give(old);
    made.give(old);
    expect(made.take()).toBe(young);
  });

  test('of equally full VMs of the same moment the id decides', () => {
    expect(takeAll(packing(vm('b', 1, 5), vm('a', 1, 5)))).toEqual(['a', 'b']);
  });

  test('gives the best of those that fit, and keeps the others for the next one', () => {
    const [full, fits, other] = [vm('full', 2, 10), vm('fits', 2, 20), vm('other', 2, 30)];
    const made = packing(full, fits, other);
    expect(made.take()).toBe(full);
    expect(made.take((each) => each !== full)).toBe(fits);
    expect(made.take((each) => each === other)).toBe(other);
    expect(made.take(() => false)).toBeUndefined();
    expect(takeAll(made)).toEqual(['full', 'fits', 'other']);
  });

  test('has nothing to give when it is empty, full or everything is unlisted', () => {
    const only = vm('only', 1, 0);
    const made = packing(only);
    made.unlist(only);
    expect(made.take()).toBeUndefined();
    made.list(only);
    expect(made.take()).toBe(only);
    expect(made.take()).toBeUndefined();
    expect(new Packing().take()).toBeUndefined();
  });

  test('what ends on an unlisted VM does not bring it back; listing does', () => {
    const only = vm('only', 2, 0);
    const made = packing(only);
    made.take();
    made.unlist(only);
    made.give(only);
    expect([only.inFlight, made.take()]).toEqual([0, undefined]);
    made.list(only);
    expect(made.take()).toBe(only);
  });

  test('listing twice and unlisting twice change nothing', () => {
    const only = vm('only', 1, 0);
    const made = packing(only);
    made.list(only);
    expect(takeAll(made)).toEqual(['only']);
    made.unlist(only);
    made.unlist(only);
    expect(made.take()).toBeUndefined();
  });

  test('a VM without slots gets nothing', () => {
    expect(takeAll(packing(vm('none', 0, 0)))).toEqual([]);
  });

  test('a VM that is unlisted while full comes back when listed with a free slot', () => {
    const only = vm('only', 1, 0);
    const made = packing(only);
    made.take();
    made.unlist(only);
    made.list(only);
    expect(made.take()).toBeUndefined();
    made.give(only);
    expect(made.take()).toBe(only);
  });

  test('agrees with a plain search over any history', () => {
    const vms = Array.from({ length: 12 }, (_each, index) =>
      vm(`vm-${index}`, 1 + (index % 4), (index * 7) % 5),
    );
    const made = packing(...vms);
    let seed = 1;
    const random = (below: number): number => {
      seed = (seed * 48_271) % 2_147_483_647;
      return seed % below;
    };
    const changes: ((vm: Packable) => void)[] = [
      (each) => {
        if (each.inFlight > 0) made.give(each);
      },
      (each) => {
        made.unlist(each);
      },
      (each) => {
        made.list(each);
      },
    ];
    for (let step = 0; step < 3_000; step += 1) {
      const any = vms[random(vms.length)] ?? vms[0];
      if (any === undefined) break;
      const action = random(4);
      if (action < 3) {
        changes[action]?.(any);
        continue;
      }
      const best = bestOf(vms);
      expect(made.take()?.vmId).toBe(best?.vmId);
    }
  });
});
