import { AGENT_PORT } from '../../api/group.ts';
import type { Vmi } from '../../api/kubevirt.ts';
import { observeVmi, type ObservedVmi } from '../../domain/vmi/observe.ts';
import { keyOf, type InformerEvent } from '../../runtime/kube.ts';
import type { Fleet } from './fleet.ts';
import type { Vm } from './vm.ts';

/** Takes what KubeVirt says of a VMI into the fleet. The stage of a living VM is never decided here. */
export function follow(fleet: Fleet, event: InformerEvent<Vmi>): void {
  if (event.type === 'deleted') {
    if (isGone(fleet, event.object)) fleet.remove(keyOf(event.object));
    return;
  }
  const observed = observeVmi(event.object);
  // Its labels were taken away: whoever writes them puts them back.
  if (observed === undefined) return;
  const key = `${observed.namespace}/${observed.name}`;
  const before = fleet.get(key);
  const vm = merge(before, observed, key);
  if (!isSame(before, vm)) fleet.put(vm);
}

/** A VMI that is deleted says so before it goes; one that lost its labels only leaves what is watched. */
function isGone(fleet: Fleet, { metadata }: Vmi): boolean {
  const uid = fleet.get(`${metadata.namespace}/${metadata.name}`)?.uid;
  return metadata.deletionTimestamp !== undefined || uid === undefined;
}

function merge(before: Vm | undefined, observed: ObservedVmi, key: string): Vm {
  const { name, namespace, vmId, pool, poolRevision, createdAt, uid } = observed;
  const { phase, launched, leaving, node, unschedulable, problem, ending } = observed;
  const kept: Vm = before ?? {
    key,
    name,
    namespace,
    vmId,
    pool,
    poolRevision,
    createdAt,
    stage: 'starting',
    since: createdAt,
  };
  const said = { uid, node, launched, leaving, unschedulable, problem, ending };
  const going = phase === 'deleting' ? { terminating: true } : {};
  return { ...kept, ...said, ...going, ...placeOf(observed, kept), ...endOf(observed, kept) };
}

/** A VM whose agent has answered elsewhere is there until it answers at its new address. */
function placeOf({ phase, address }: ObservedVmi, kept: Vm): Partial<Vm> {
  if (phase !== 'running' || address === undefined) return {};
  const place = withPort(address);
  const isKnown = kept.stage !== 'starting' && kept.address !== undefined;
  if (!isKnown) return { address: place };
  return place === kept.address && kept.movedTo === undefined ? {} : { movedTo: place };
}

function endOf({ phase }: ObservedVmi, kept: Vm): Partial<Vm> {
  if (phase === 'failed') return { stage: 'deleting', reason: kept.reason ?? 'GuestEnded' };
  if (phase === 'deleting') return { stage: 'deleting', reason: kept.reason ?? 'DeletedByOthers' };
  return {};
}

function withPort(address: string): string {
  return address.includes(':') ? `[${address}]:${AGENT_PORT}` : `${address}:${AGENT_PORT}`;
}

/** What KubeVirt says, and what follows from it. */
const FOLLOWED = [
  ...(['stage', 'uid', 'node', 'address', 'movedTo', 'launched', 'leaving'] as const),
  ...(['terminating', 'unschedulable', 'problem', 'ending'] as const),
];

function isSame(before: Vm | undefined, vm: Vm): boolean {
  return before !== undefined && FOLLOWED.every((field) => before[field] === vm[field]);
}
