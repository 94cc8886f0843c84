import { transition, type Condition, type Statement } from '../api/conditions.ts';
import type { KubeClient, KubeObject, Resource } from '../runtime/kube.ts';
import { writeStatus } from './status-writer.ts';
import type { Vm } from './vms/vm.ts';

/** A VM that goes as it should is gone by then. */
const SAID_AFTER_MS = 2_000;
/** A VM whose deletion was taken, and that is not gone by then, is on a node that nobody hears of. */
const HANGS_AFTER_MS = 30_000;

export interface Wait {
  /** Look again after this. */
  readonly afterMs: number;
  /** Why it takes so long; undefined while it does not. */
  readonly message: string | undefined;
}

/**
 * How long the deletion of what owns these VMs waits for them; undefined when it does not. They serve nobody: what
 * is waited for is their end, and on a node that is gone there is none to see.
 */
export function waitFor(vms: readonly Vm[], now: number): Wait | undefined {
  if (vms.length === 0) return undefined;
  const since = Math.min(...vms.map((vm) => (vm.stage === 'deleting' ? vm.since : now)));
  const leftMs = Math.max(...vms.map((vm) => endOf(vm, now))) - now;
  if (leftMs <= 0) return undefined;
  const late = now - since >= SAID_AFTER_MS;
  const nodes = [...new Set(vms.map(({ node }) => node ?? 'no node'))].slice(0, 3).join(', ');
  const message = late ? `${vms.length} VMs are being deleted: on ${nodes}` : undefined;
  return { afterMs: Math.min(leftMs, 1_000), message };
}

function endOf({ stage, terminating, since }: Vm, now: number): number {
  // Until the API server has taken its deletion it may be used by its guest for ever.
  return stage === 'deleting' && terminating === true
    ? since + HANGS_AFTER_MS
    : now + HANGS_AFTER_MS;
}

/** Says it in the object's condition `Ready`; what else is known of it stays. */
export async function sayTerminating(
  client: KubeClient,
  resource: Resource,
  object: KubeObject & { readonly status?: { readonly conditions?: readonly Condition[] } },
  { statement, now }: { readonly statement: Statement; readonly now: number },
): Promise<{ conditions: readonly Condition[] }> {
  const before = object.status?.conditions ?? [];
  const others = before.filter(({ type }) => type !== statement.type);
  const generation = object.metadata.generation ?? 0;
  const [ready] = transition(before, [statement], generation, now);
  const conditions = ready === undefined ? others : [ready, ...others];
  const status = { ...object.status, conditions };
  await writeStatus(client, resource, object, status);
  return status;
}
