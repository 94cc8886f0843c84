import type { Vm } from './vm.ts';

/**
 * What a change of a VM means to others. *warm*: it waits for an application.
 * *condemned*: its VMI is to be deleted. *marked*: its labels are to follow.
 * *adopted*: it was bound before this operator began. *withdrawn*: no gateway
 * may use it. *closed*: it is gone, its last meter reading is final.
 */
export type VmEvent = 'warm' | 'condemned' | 'marked' | 'adopted' | 'withdrawn' | 'closed';

export function eventsOf(vm: Vm | undefined, before: Vm | undefined): VmEvent[] {
  const wasBound = before?.binding !== undefined;
  if (vm === undefined) return wasBound ? ['withdrawn', 'closed'] : [];
  switch (vm.stage) {
    case 'generic':
      return ['warm'];
    case 'deleting':
      return wasBound ? ['condemned', 'withdrawn'] : ['condemned'];
    case 'bound':
      return before?.stage === 'starting' ? ['adopted', 'marked'] : ['marked'];
    case 'draining':
      return ['marked'];
    case 'starting':
    case 'binding':
      return [];
  }
}
