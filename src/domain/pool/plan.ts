/** A VM of the pool as the plan counts it. */
export interface PoolVm {
  readonly name: string;
  /** `taken`: being bound, bound or draining. `going`: its deletion was asked for. */
  readonly stage: 'starting' | 'generic' | 'taken' | 'going';
  /** Of the pool's current revision. */
  readonly currentImage: boolean;
  /** KubeVirt runs it. While `starting` its agent has not answered yet: after a restart it may be an application's. */
  readonly running: boolean;
  /** When this stage began, milliseconds since the epoch. */
  readonly since: number;
  /** Why the scheduler finds no node. */
  readonly unschedulable: string | undefined;
  /** KubeVirt has not begun to start it, for whatever reason: nothing is lost with it. */
  readonly pending: boolean;
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
  readonly backlog: number;
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
  const { vms } = facts;
  const late = vms.filter((vm) => isLate(vm, facts));
  const starting = vms.filter((vm) => vm.stage === 'starting' && !late.includes(vm));
  const coming = starting.filter((vm) => vm.currentImage);
  const generic = vms.filter((vm) => vm.stage === 'generic' && vm.currentImage);
  const old = vms.filter((vm) => vm.stage === 'generic' && !vm.currentImage);
  const target = Math.min(facts.min + facts.backlog, Math.max(facts.max, facts.min));
  const missing = Math.max(0, target - generic.length - coming.length);
  const { create, hold } = creates(facts, missing);
  // A full pool has no room for the new beside the old: one old VM at a time makes it.
  const makesRoom = hold === 'MaxVms' && create === 0 && coming.length + late.length === 0;
  const gone = oldest(old, Math.max(old.length + generic.length - target, makesRoom ? 1 : 0));
  // Those that came last; while others are only coming, those that are ready stay.
  const surplus = youngest(generic, generic.length - target);
  // What waits to be started and nobody needs any more goes at once: without a node it would hold all creates.
  const stuck = youngest(
    coming.filter((vm) => vm.pending),
    generic.length + coming.length - target,
  );
  return {
    create,
    hold,
    target,
    remove: [
      ...named(late, 'NotReady'),
      ...named([...starting.filter((vm) => !vm.currentImage && !vm.running), ...gone], 'Outdated'),
      ...named(
        [...stuck, ...surplus.filter((vm) => facts.now - vm.since >= SURPLUS_AFTER_MS)],
        'Surplus',
      ),
    ],
    againAfterMs: againAfter(facts, { starting, surplus }, hold),
  };
}

function isLate(vm: PoolVm, { now, readyTimeoutMs }: PoolFacts): boolean {
  const waiting = vm.stage === 'starting' && vm.unschedulable === undefined;
  return waiting && now - vm.since >= readyTimeoutMs;
}

function creates(
  { vms, maxVms, allowance }: PoolFacts,
  missing: number,
): Pick<PoolPlan, 'create' | 'hold'> {
  if (missing === 0) return { create: 0, hold: undefined };
  const stuck = vms.some((vm) => vm.stage === 'starting' && vm.unschedulable !== undefined);
  if (stuck) return { create: 0, hold: 'Unschedulable' };
  const room = Math.max(0, maxVms - vms.filter((vm) => vm.stage !== 'going').length);
  if (room < missing && room <= allowance) return { create: room, hold: 'MaxVms' };
  return allowance < missing
    ? { create: allowance, hold: 'RefillRate' }
    : { create: missing, hold: undefined };
}

function oldest(vms: readonly PoolVm[], count: number): readonly PoolVm[] {
  return vms.toSorted((a, b) => a.since - b.since).slice(0, Math.max(0, count));
}

function youngest(vms: readonly PoolVm[], count: number): readonly PoolVm[] {
  return vms.toSorted((a, b) => b.since - a.since).slice(0, Math.max(0, count));
}

function named(
  vms: readonly PoolVm[],
  reason: RemoveReason,
): { name: string; reason: RemoveReason }[] {
  return vms.map(({ name }) => ({ name, reason }));
}

function againAfter(
  { now, readyTimeoutMs }: PoolFacts,
  vms: Readonly<Record<'starting' | 'surplus', readonly PoolVm[]>>,
  hold: PoolPlan['hold'],
): number | undefined {
  const late = vms.starting
    .filter((vm) => vm.unschedulable === undefined)
    .map((vm) => vm.since + readyTimeoutMs - now);
  const surplus = vms.surplus.map((vm) => vm.since + SURPLUS_AFTER_MS - now);
  const waits = [...late, ...surplus, ...(hold === 'RefillRate' ? [100] : [])];
  return waits.length === 0 ? undefined : Math.max(50, Math.min(...waits));
}
