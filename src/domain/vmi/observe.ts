import { LABELS } from '../../api/group.ts';
import type { Vmi } from '../../api/kubevirt.ts';

/** What KubeVirt says of a VM; whether its agent is up, only the agent says. */
export interface ObservedVmi {
  readonly name: string;
  readonly namespace: string;
  readonly uid: string;
  readonly vmId: string;
  /** `namespace/name` of its pool. */
  readonly pool: string;
  readonly poolRevision: string;
  readonly phase: 'pending' | 'running' | 'failed' | 'deleting';
  /** KubeVirt has made a launcher for it. */
  readonly launched: boolean;
  /** Its node is being emptied, and it is asked to go. */
  readonly leaving: boolean;
  /** Address of the guest, as soon as it is known. */
  readonly address: string | undefined;
  readonly node: string | undefined;
  /** Why the scheduler finds no node. */
  readonly unschedulable: string | undefined;
  /** Why KubeVirt does not start it: no image, no room in a quota of pods, … */
  readonly problem: string | undefined;
  /** What KubeVirt says of the end of its guest. */
  readonly ending: string | undefined;
  /** Milliseconds since the epoch. */
  readonly createdAt: number;
}

/** Undefined for a VMI that is none of ours. */
export function observeVmi(vmi: Vmi): ObservedVmi | undefined {
  const { name, namespace, uid, labels = {}, creationTimestamp = '' } = vmi.metadata;
  const vmId = labels[LABELS.vmId];
  const pool = labels[LABELS.pool];
  if (vmId === undefined || pool === undefined) return undefined;
  return {
    name,
    namespace,
    uid,
    vmId,
    pool: `${namespace}/${pool}`,
    poolRevision: labels[LABELS.poolRevision] ?? '',
    phase: phaseOf(vmi),
    launched: !WAITING.has(vmi.status?.phase),
    leaving: isLeaving(vmi),
    ...seenOf(vmi),
    createdAt: Date.parse(creationTimestamp) || 0,
  };
}

type Seen = Pick<ObservedVmi, 'address' | 'node' | 'unschedulable' | 'problem' | 'ending'>;

function seenOf({ status }: Vmi): Seen {
  const conditions = status?.conditions ?? [];
  const ended = status?.phase === 'Failed' || status?.phase === 'Succeeded';
  return {
    address: addressOf(status?.interfaces ?? []),
    node: status?.nodeName,
    unschedulable: unschedulable(conditions),
    problem: problemOf(conditions),
    ending: ended ? messageOf(conditions, 'Ready') : undefined,
  };
}

/** An interface that has no address yet is listed without one, or with an empty one. */
function addressOf(
  interfaces: NonNullable<NonNullable<Vmi['status']>['interfaces']>,
): string | undefined {
  const own = interfaces.find(({ name }) => name === 'default') ?? interfaces[0];
  return own?.ipAddress === '' ? undefined : own?.ipAddress;
}

/** What virt-api does with an eviction that it denies, since the VMI says `External`. */
function isLeaving({ status }: Vmi): boolean {
  if ((status?.evacuationNodeName ?? '') !== '') return true;
  const asked = status?.conditions?.find(({ type }) => type === 'EvictionRequested');
  return asked?.status === 'True';
}

/** Phases before there is a launcher. */
const WAITING: ReadonlySet<string | undefined> = new Set([undefined, 'Pending']);

function phaseOf({ metadata, status }: Vmi): ObservedVmi['phase'] {
  if (metadata.deletionTimestamp !== undefined) return 'deleting';
  switch (status?.phase) {
    case 'Running':
      return 'running';
    // A guest that powered itself off is as gone as one that crashed: it does not come back.
    case 'Succeeded':
    case 'Failed':
      return 'failed';
    default:
      return 'pending';
  }
}

type Conditions = NonNullable<NonNullable<Vmi['status']>['conditions']>;

function messageOf(conditions: Conditions, type: string): string | undefined {
  return conditions.find((one) => one.type === type)?.message;
}

function problemOf(conditions: Conditions): string | undefined {
  const condition = conditions.find(({ type }) => type === 'Synchronized');
  if (condition?.status !== 'False') return undefined;
  const { reason = 'NotSynchronized', message } = condition;
  return message === undefined ? reason : `${reason}: ${message}`;
}

/** KubeVirt copies the launcher pod's PodScheduled condition when it is false. */
function unschedulable(conditions: Conditions): string | undefined {
  const condition = conditions.find(({ type }) => type === 'PodScheduled');
  if (condition?.status !== 'False') return undefined;
  return condition.message ?? condition.reason ?? 'no node has room';
}
