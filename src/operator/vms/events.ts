import type { Stage, Vm } from './vm.ts';

/**
 * What a change of a VM means to others. *warm*: it waits for an application.
 * *condemned*: its VMI is to be deleted. *marked*: its labels are to follow.
 * *adopted*: it was bound before this operator began. *withdrawn*: no gateway
 * may use it. *closed*: it is gone, its last meter reading is final.
 */
export type VmEvent = 'warm' | 'condemned' | 'marked' | 'adopted' | 'withdrawn' | 'closed';

const BY_STAGE: Readonly<Record<Stage, readonly VmEvent[]>> = {
  starting: [],
  generic: ['warm'],
  binding: [],
  bound: ['marked'],
  draining: ['marked'],
  deleting: ['condemned'],
};

export function eventsOf(vm: Vm | undefined, before: Vm | undefined): readonly VmEvent[] {
  const wasBound = before?.binding !== undefined;
  if (vm === undefined) return wasBound ? ['withdrawn', 'closed'] : [];
  if (isSame(vm, before)) return [];
  const events = BY_STAGE[vm.stage];
  if (vm.stage === 'deleting' && wasBound) return [...events, 'withdrawn'];
  return isAdopted(vm, before) ? ['adopted', ...events] : events;
}

function isSame(vm: Vm, before: Vm | undefined): boolean {
  return vm.stage === before?.stage && vm.binding === before.binding;
}

function isAdopted(vm: Vm, before: Vm | undefined): boolean {
  return vm.stage === 'bound' && before?.stage === 'starting';
}
