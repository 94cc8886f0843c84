/** A VM of the pool as the reservation sees it, in the order in which binds take them. */
export interface ReservableVm {
  readonly name: string;
  /** `taken`: it may have code of an application, being bound, bound, on its way out, or left by an operator that was killed. */
  readonly stage: 'starting' | 'generic' | 'taken';
  /** Its VMI's labels say whose it is: a reservation has nothing to add. */
  readonly labelled: boolean;
}

export interface ReserveFacts {
  readonly vms: readonly ReservableVm[];
  /** The list now; undefined while the pool has none, or it is not known. */
  readonly reserved: ReadonlySet<string> | undefined;
  /** VMs that were bound in the last {@link QUIET_MS}. */
  readonly recentBinds: number;
  /** VMs that applications wait for. */
  readonly waiting: number;
}

/** A pool without a bind for so long is quiet. */
export const QUIET_MS = 60_000;
/** What a kill of the operator may cost a quiet pool: two VMs, or this share of it. */
const LEAST = 2;
const SHARE = 1 / 8;

/**
 * Names for the list of VMs that may be given code (docs/adr/0029), or undefined if the list may stay
 * as it is. It grows ahead of binds, and shrinks only when the pool is quiet.
 */
export function reserve(facts: ReserveFacts): readonly string[] | undefined {
  const { vms, reserved, recentBinds, waiting } = facts;
  const generic = vms.filter((vm) => vm.stage === 'generic');
  const size = Math.max(LEAST, Math.ceil(generic.length * SHARE), recentBinds, waiting);
  // Those that boot as well: who waits for one of them does not wait for a write behind it.
  const coming = vms.filter((vm) => vm.stage === 'starting');
  const next = [...generic, ...coming].slice(0, size);
  const names = new Set([...held(vms, reserved), ...next.map((vm) => vm.name)]);
  if (reserved === undefined) return [...names];
  const quiet = recentBinds === 0 && waiting === 0;
  if (quiet) return isSame(names, reserved) ? undefined : [...names];
  if ([...names].every((name) => reserved.has(name))) return undefined;
  const kept = vms.filter((vm) => vm.stage !== 'taken' && reserved.has(vm.name));
  return [...new Set([...names, ...kept.map((vm) => vm.name)])];
}

/** Names that stay on the list: these VMs may have code, and no label says so. */
export function held(
  vms: readonly ReservableVm[],
  reserved: ReadonlySet<string> | undefined,
): string[] {
  return vms
    .filter(({ name, stage, labelled }) => {
      // A VM that was never listed was never bound.
      return stage === 'taken' && !labelled && reserved?.has(name) !== false;
    })
    .map((vm) => vm.name);
}

function isSame(one: ReadonlySet<string>, other: ReadonlySet<string>): boolean {
  return one.size === other.size && [...one].every((name) => other.has(name));
}
