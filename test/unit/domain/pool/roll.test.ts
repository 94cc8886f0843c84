import { describe, expect, test } from '@jest/globals';
import { planPool } from '../../../../src/domain/pool/plan.ts';
import { facts, generic, HOUR, NOW, old, removed, starting, taken, vms } from './facts.ts';

describe('an image change', () => {
  test('begins with new VMs beside the old ones', () => {
    const plan = planPool(facts({ vms: old(5) }));
    expect(plan).toMatchObject({ create: 5, remove: [] });
  });

  test('lets an old one go for each new one that is ready, the oldest first', () => {
    const plan = planPool(facts({ vms: [...old(5), ...starting(3), ...generic(2)] }));
    expect(plan.create).toBe(0);
    expect(removed(plan)).toEqual(['Outdated old-generic-0', 'Outdated old-generic-1']);
  });

  test('lets no old one go for VMs that are only coming', () => {
    expect(planPool(facts({ vms: [...old(5), ...starting(5)] })).remove).toEqual([]);
  });

  test('gives up old VMs that nobody has waited for yet', () => {
    const coming = starting(2, { currentImage: false, name: 'old-coming' });
    const plan = planPool(facts({ vms: [...old(5), ...coming] }));
    expect(removed(plan)).toEqual(['Outdated old-coming', 'Outdated old-coming']);
  });

  test('leaves an old VM that runs and has not answered: after a restart it may serve (I4)', () => {
    const silent = starting(1, { currentImage: false, running: true });
    expect(planPool(facts({ vms: [...generic(5), ...silent] })).remove).toEqual([]);
  });

  test('says once that an old one is late', () => {
    const late = starting(1, { currentImage: false, since: NOW - HOUR });
    expect(removed(planPool(facts({ vms: [...generic(5), ...late] })))).toEqual([
      'NotReady starting-0',
    ]);
  });

  test('does not touch bound VMs: their applications renew them', () => {
    const bound = vms(3, { stage: 'taken', currentImage: false });
    expect(planPool(facts({ vms: [...bound, ...generic(5)] })).remove).toEqual([]);
  });

  describe('in a pool that is full', () => {
    const full = { maxVms: 5 };

    test('makes room by one', () => {
      const plan = planPool(facts({ ...full, vms: old(5) }));
      expect(plan).toMatchObject({ create: 0, hold: 'MaxVms' });
      expect(removed(plan)).toEqual(['Outdated old-generic-0']);
    });

    test('fills the room', () => {
      const going = vms(1, { stage: 'going' });
      expect(planPool(facts({ ...full, vms: [...old(4), ...going] }))).toMatchObject({
        create: 1,
        remove: [],
      });
    });

    test('makes no more room while the new one is coming', () => {
      const plan = planPool(facts({ ...full, vms: [...old(4), ...starting(1)] }));
      expect(plan).toMatchObject({ create: 0, remove: [] });
    });

    test('goes on when it is ready', () => {
      const plan = planPool(facts({ ...full, vms: [...old(4), ...generic(1)] }));
      expect(plan.remove).toHaveLength(1);
    });

    test('makes no more room when the new one never becomes ready: the image may be broken', () => {
      const late = starting(1, { since: NOW - HOUR });
      expect(removed(planPool(facts({ ...full, vms: [...old(4), ...late] })))).toEqual([
        'NotReady starting-0',
      ]);
    });

    test('renews the last one too, when applications hold all others', () => {
      const plan = planPool(facts({ ...full, vms: [...taken(4), ...old(1)] }));
      expect(plan.remove).toHaveLength(1);
    });
  });

  test('in a cluster that is full holds, and keeps what it has', () => {
    const stuck = starting(1, { unschedulable: 'Insufficient memory' });
    expect(planPool(facts({ vms: [...old(5), ...stuck] }))).toMatchObject({
      create: 0,
      hold: 'Unschedulable',
      remove: [],
    });
  });
});
