import { VMIS } from '../../api/types.ts';
import type { Clock } from '../../runtime/clock.ts';
import type { Reconciler } from '../../runtime/controller.ts';
import type { KubeClient } from '../../runtime/kube.ts';
import type { Fleet } from './fleet.ts';
import type { LastWords } from './last-words.ts';
import { UNSEEN_AFTER_MS } from './creator.ts';

/** A VM that was lost is heard first. */
const HEARD_MS = 50;

export interface ReaperOptions {
  readonly fleet: Fleet;
  readonly client: KubeClient;
  readonly clock: Clock;
  readonly lastWords: Pick<LastWords, 'hears'>;
}

/** Deletes the VMI of a VM in stage *deleting*, at once: there is nothing to flush. */
export function reapReconciler({ fleet, client, clock, lastWords }: ReaperOptions): Reconciler {
  return async (key) => {
    const vm = fleet.get(key);
    if (vm?.stage !== 'deleting') return {};
    if (lastWords.hears(key)) return { requeueAfterMs: HEARD_MS };
    const ref = { resource: VMIS, name: vm.name, namespace: vm.namespace };
    const options = { gracePeriodSeconds: 0, ...(vm.uid === undefined ? {} : { uid: vm.uid }) };
    await client.delete(ref, options);
    if (vm.uid !== undefined) return {};
    // Never seen: its creation may still come through, so look once more before it is forgotten.
    if (clock.now() - vm.createdAt > UNSEEN_AFTER_MS) fleet.remove(key);
    return { requeueAfterMs: UNSEEN_AFTER_MS };
  };
}
