/** Facts of a pool, as tables state them. */
import type { PoolFacts, PoolPlan, PoolVm } from '../../../../src/domain/pool/plan.ts';

export const NOW = 10_000_000;
export const HOUR = 3_600_000;

export function vms(count: number, changes: Partial<PoolVm>, prefix = ''): PoolVm[] {
  return Array.from({ length: count }, (_, index) => ({
    name: `${prefix}${changes.stage ?? 'generic'}-${index}`,
    stage: 'generic',
    currentImage: true,
    running: changes.stage !== 'starting',
    // The first is the oldest.
    since: NOW - HOUR + index,
    unschedulable: undefined,
    pending: changes.unschedulable !== undefined,
    ...changes,
  }));
}

export const starting = (count: number, changes: Partial<PoolVm> = {}): PoolVm[] =>
  vms(count, { stage: 'starting', since: NOW - 1_000, ...changes });
export const generic = (count: number, changes: Partial<PoolVm> = {}): PoolVm[] =>
  vms(count, changes);
export const old = (count: number, changes: Partial<PoolVm> = {}): PoolVm[] =>
  vms(count, { currentImage: false, ...changes }, 'old-');
export const taken = (count: number): PoolVm[] => vms(count, { stage: 'taken' });

export function facts(changes: Partial<PoolFacts>): PoolFacts {
  return {
    now: NOW,
    min: 5,
    max: 20,
    maxVms: 100,
    readyTimeoutMs: 120_000,
    vms: [],
    backlog: 0,
    allowance: 10,
    ...changes,
  };
}

export function removed({ remove }: PoolPlan): string[] {
  return remove.map(({ name, reason }) => `${reason} ${name}`);
}
