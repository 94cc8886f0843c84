/** A VM that belongs to nobody yet. */
export interface GenericVm {
  /** Revision of the pool that it was started from. */
  readonly poolRevision: string;
  /** Its node is being emptied. */
  readonly leaving?: boolean;
  /** When it became generic, milliseconds since the epoch. */
  readonly since: number;
}

/** Whether it is what the pool would start now; another one is replaced. */
export function isCurrent(
  vm: Pick<GenericVm, 'poolRevision' | 'leaving'>,
  revision: string | undefined,
): boolean {
  return vm.poolRevision === revision && vm.leaving !== true;
}

/** Those of the pool's current image first, the oldest of each first. */
export function ranked<T extends GenericVm>(vms: readonly T[], revision: string | undefined): T[] {
  const rank = (vm: T): number => (isCurrent(vm, revision) ? 0 : 1);
  return vms.toSorted((a, b) => rank(a) - rank(b) || a.since - b.since);
}

/** `bind` VMs of whatever image, and `renew` further ones of the current image only. */
export function chosen<T extends GenericVm>(
  vms: readonly T[],
  revision: string | undefined,
  { bind, renew }: { readonly bind: number; readonly renew: number },
): readonly T[] {
  const all = ranked(vms, revision);
  const further = all.slice(bind).filter((vm) => isCurrent(vm, revision));
  return [...all.slice(0, bind), ...further.slice(0, renew)];
}
