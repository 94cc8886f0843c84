import type { V1VirtualMachineInstanceStatus } from '@kubevirt-ui-ext/kubevirt-api/kubevirt';
import { timeOf } from '../../api/conditions.ts';
import type { Vmi } from '../../api/kubevirt.ts';

type Status = V1VirtualMachineInstanceStatus;
export type Phase = 'Pending' | 'Scheduling' | 'Scheduled' | 'Running' | 'Succeeded' | 'Failed';

/** KubeVirt's own finalizer: a VMI stays until its guest is gone. */
export const KUBEVIRT_FINALIZER = 'kubevirt.io/foregroundDeleteVirtualMachine';
export const NODE_NAME = 'local';

/** The status of a VMI that enters `phase` at `now` (milliseconds since the epoch). */
export function enter(vmi: Vmi, phase: Phase, now: number, more: Partial<Status> = {}): Status {
  const before = vmi.status ?? {};
  const at = timeOf(now);
  const timestamps = before.phaseTransitionTimestamps ?? [];
  return {
    ...before,
    phase,
    phaseTransitionTimestamps: [...timestamps, { phase, phaseTransitionTimestamp: at }],
    ...more,
  };
}

/** It has its node and its interface, and no address yet. */
export function scheduledStatus(): Partial<Status> {
  return { nodeName: NODE_NAME, interfaces: [{ name: 'default' }] };
}

/** Interfaces and readiness of a guest that runs; "ready" says that it was started, not more. */
export function runningStatus(ipAddress: string): Partial<Status> {
  return {
    nodeName: NODE_NAME,
    interfaces: [{ name: 'default', ipAddress, ipAddresses: [ipAddress], infoSource: 'domain' }],
    conditions: [condition('Ready', 'True')],
  };
}

export function endedStatus(detail: string): Partial<Status> {
  return {
    conditions: [{ ...condition('Ready', 'False'), reason: 'GuestNotRunning', message: detail }],
  };
}

/** What keeps a VMI from its guest: the image, a quota, … */
export function problemStatus(reason: string, message: string): Partial<Status> {
  return { conditions: [{ ...condition('Synchronized', 'False'), reason, message }] };
}

export function unschedulableStatus(message: string): Partial<Status> {
  const why = { reason: 'Unschedulable', message };
  return { conditions: [{ ...condition('PodScheduled', 'False'), ...why }] };
}

export function phaseOf(vmi: Vmi): Phase | undefined {
  return vmi.status?.phase as Phase | undefined;
}

function condition(type: string, status: string): NonNullable<Status['conditions']>[number] {
  return { type, status };
}
