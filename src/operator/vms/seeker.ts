import { VMIS } from '../../api/types.ts';
import type { Clock } from '../../runtime/clock.ts';
import type { Reconciler } from '../../runtime/controller.ts';
import type { KubeClient } from '../../runtime/kube.ts';
import type { Fleet } from './fleet.ts';

/** A create that nobody answered may come through so late. One that does is counted when the informer shows it. */
const UNDER_WAY_MS = 3_000;
const AGAIN_MS = 500;

/**
 * Finds out whether a VMI exists whose creation ended without a clear answer: its name is ours, so the API
 * server is asked. What is not there leaves the fleet, and its pool goes on. A question that fails is asked again.
 */
export function seekReconciler(fleet: Fleet, client: KubeClient, clock: Clock): Reconciler {
  return async (key) => {
    const vm = fleet.get(key);
    if (vm?.stage !== 'starting' || vm.uid !== undefined) return {};
    if (await exists(client, vm)) return { requeueAfterMs: AGAIN_MS };
    if (clock.now() - vm.createdAt < UNDER_WAY_MS) return { requeueAfterMs: AGAIN_MS };
    fleet.remove(key);
    return {};
  };
}

export async function exists(
  client: KubeClient,
  { name, namespace }: { readonly name: string; readonly namespace: string },
): Promise<boolean> {
  try {
    await client.get({ resource: VMIS, name, namespace });
    return true;
  } catch (error) {
    if ((error as { status?: unknown }).status === 404) return false;
    throw error;
  }
}
