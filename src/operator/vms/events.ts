import type { Stage, Vm } from './vm.ts';

/**
 * What a change of a VM means to others. *warm*: it waits for an application.
 * *condemned*: its VMI is to be deleted. *marked*: its labels are to follow.
 * *adopted*: it was bound before this operator began. *settled*: it answers at
 * another address than before. *withdrawn*: no gateway may use it. *closed*: it
 * is gone, its last meter reading is final.
 */
export type VmEvent =
  'warm' | 'condemned' | 'marked' | 'adopted' | 'settled' | 'withdrawn' | 'closed';

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
  if (isSame(vm, before)) return movesOf(vm, before);
  const events = BY_STAGE[vm.stage];
  if (vm.stage === 'deleting' && wasBound) return [...events, 'withdrawn'];
  return isAdopted(vm, before) ? ['adopted', ...events] : events;
}

/** Where it was, another guest may answer: gateways wait for what its agent says where it is now. */
function movesOf({ stage, movedTo }: Vm, before: Vm | undefined): readonly VmEvent[] {
  if (movedTo === before?.movedTo) return [];
  if (stage === 'generic') return movedTo === undefined ? ['warm'] : [];
  if (stage !== 'bound') return [];
  return [movedTo === undefined ? 'settled' : 'withdrawn'];
}

function isSame(vm: Vm, before: Vm | undefined): boolean {
  return vm.stage === before?.stage && vm.binding === before.binding;
}

function isAdopted(vm: Vm, before: Vm | undefined): boolean {
  return vm.stage === 'bound' && before?.stage === 'starting';
}
