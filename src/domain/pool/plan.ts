/** A VM of the pool as the plan counts it. */
export interface PoolVm {
  readonly name: string;
  /** `taken`: being bound, bound or draining. `going`: its deletion was asked for. */
  readonly stage: 'starting' | 'generic' | 'taken' | 'going';
  /** Of the pool's current revision. */
  readonly current: boolean;
  /** When this stage began, milliseconds since the epoch. */
  readonly since: number;
  /** Why the scheduler finds no node. */
  readonly unschedulable: string | undefined;
}

export interface PoolFacts {
  readonly now: number;
  readonly min: number;
  /** Most generic VMs at once; see {@link warmMax}. */
  readonly max: number;
  readonly maxVms: number;
  readonly readyTimeoutMs: number;
  readonly vms: readonly PoolVm[];
  /** VMs that applications wait for and that no generic VM can give. */
  readonly wanted: number;
  /** Creates that the refill rate allows now. */
  readonly allowance: number;
}

export interface PoolPlan {
  readonly create: number;
  readonly remove: readonly { readonly name: string; readonly reason: RemoveReason }[];
  /** Generic VMs that there should be, ready or starting. */
  readonly target: number;
  /** Why fewer are created than are missing. */
  readonly hold: 'Unschedulable' | 'MaxVms' | 'RefillRate' | undefined;
  /** Plan again after this time even if nothing happens. */
  readonly againAfterMs: number | undefined;
}

export type RemoveReason = 'NotReady' | 'Outdated' | 'Surplus';

/** Generic VMs beyond the target are kept for a while: the next burst may want them. */
export const SURPLUS_AFTER_MS = 30_000;

/** Generic VMs that a burst may ask for at once: `warm.max`, or twice `warm.min` plus 10. */
export function warmMax(warm: { readonly min: number; readonly max?: number }): number {
  return warm.max ?? 2 * warm.min + 10;
}

/**
 * How many VMs a pool creates and which it removes. VMs on their way are
 * subtracted (invariant I7); a VM without a node holds all further creates; an
 * image change replaces generic VMs only as new ones become ready, so that the
 * pool is never emptied.
 */
export function planPool(facts: PoolFacts): PoolPlan {
  const { now, vms } = facts;
  const late = vms.filter((vm) => isLate(vm, facts));
  const starting = vms.filter((vm) => vm.stage === 'starting' && vm.current && !late.includes(vm));
  const generic = vms.filter((vm) => vm.stage === 'generic' && vm.current);
  const old = vms.filter((vm) => vm.stage === 'generic' && !vm.current);
  const oldStarting = vms.filter((vm) => vm.stage === 'starting' && !vm.current);
  const target = Math.min(facts.min + facts.wanted, Math.max(facts.max, facts.min));
  const missing = Math.max(0, target - generic.length - starting.length);
  const live = vms.filter((vm) => vm.stage !== 'going').length;
  const { create, hold } = creates(facts, missing, live);
  const spareOld = old.length + generic.length - target;
  // A full pool has no room for the new beside the old: one old VM makes it.
  const makeRoom = hold === 'MaxVms' && create === 0 ? 1 : 0;
  const gone = oldest(old, Math.max(spareOld, makeRoom));
  const surplus = surplusOf(now, generic, starting, target);
  return {
    create,
    hold,
    target,
    remove: [
      ...named(late, 'NotReady'),
      ...named([...oldStarting, ...gone], 'Outdated'),
      ...named(surplus, 'Surplus'),
    ],
    againAfterMs: againAfter(facts, starting, generic.length + starting.length > target, hold),
  };
}

/** VMs that no node takes go at once; generic ones are kept for a while, what is about to come up is let come. */
function surplusOf(
  now: number,
  generic: readonly PoolVm[],
  starting: readonly PoolVm[],
  target: number,
): readonly PoolVm[] {
  const count = Math.max(0, generic.length + starting.length - target);
  const stuck = starting.filter((vm) => vm.unschedulable !== undefined).slice(0, count);
  const old = oldest(generic, count - stuck.length);
  return [...stuck, ...old.filter((vm) => now - vm.since >= SURPLUS_AFTER_MS)];
}

function isLate(vm: PoolVm, { now, readyTimeoutMs }: PoolFacts): boolean {
  const waiting = vm.stage === 'starting' && vm.unschedulable === undefined;
  return waiting && now - vm.since >= readyTimeoutMs;
}

function creates(
  facts: PoolFacts,
  missing: number,
  live: number,
): { create: number; hold: PoolPlan['hold'] } {
  if (missing === 0) return { create: 0, hold: undefined };
  const stuck = facts.vms.some((vm) => vm.stage === 'starting' && vm.unschedulable !== undefined);
  if (stuck) return { create: 0, hold: 'Unschedulable' };
  const room = Math.max(0, facts.maxVms - live);
  if (room < missing && room <= facts.allowance) return { create: room, hold: 'MaxVms' };
  return facts.allowance < missing
    ? { create: facts.allowance, hold: 'RefillRate' }
    : { create: missing, hold: undefined };
}

function oldest(vms: readonly PoolVm[], count: number): readonly PoolVm[] {
  return vms.toSorted((a, b) => a.since - b.since).slice(0, Math.max(0, count));
}

function named(
  vms: readonly PoolVm[],
  reason: RemoveReason,
): { name: string; reason: RemoveReason }[] {
  return vms.map(({ name }) => ({ name, reason }));
}

function againAfter(
  { now, readyTimeoutMs }: PoolFacts,
  starting: readonly PoolVm[],
  surplus: boolean,
  hold: PoolPlan['hold'],
): number | undefined {
  const waits = starting
    .filter((vm) => vm.unschedulable === undefined)
    .map((vm) => vm.since + readyTimeoutMs - now);
  if (surplus) waits.push(SURPLUS_AFTER_MS);
  if (hold === 'RefillRate') waits.push(100);
  return waits.length === 0 ? undefined : Math.max(50, Math.min(...waits));
}
