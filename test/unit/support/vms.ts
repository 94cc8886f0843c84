/** VMs as the operator knows them; a test says what differs. */
import type { MeterReading } from '../../../src/api/agent-protocol.ts';
import type { Binding, Vm } from '../../../src/operator/vms/vm.ts';

export const APPLICATION = 'shop/cart@pools/node';

export function aBinding(changes: Partial<Binding> = {}): Binding {
  return {
    application: APPLICATION,
    revision: 'sha256:1',
    slots: 16,
    tokenKey: 'k1',
    boundAt: 5_000,
    functions: [{ name: 'cart', state: 'loaded' }],
    ...changes,
  };
}

/** A starting VM of pools/node. */
export function aVm(changes: Partial<Vm> = {}): Vm {
  return {
    key: 'pools/node-1',
    name: 'node-1',
    namespace: 'pools',
    vmId: 'id-1',
    pool: 'pools/node',
    poolRevision: 'r1',
    stage: 'starting',
    since: 1_000,
    createdAt: 1_000,
    ...changes,
  };
}

export function aReading(vmId: string, changes: Partial<MeterReading> = {}): MeterReading {
  return {
    vmId,
    uptimeMs: 1_000,
    cpuMs: 100,
    cpuBeforeBindMs: 40,
    eventLoopUtilization: 0.1,
    heapBytes: 1,
    functions: [],
    ...changes,
  };
}
