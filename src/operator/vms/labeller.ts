import {
  ANNOTATIONS,
  FIELD_MANAGER,
  LABELS,
  MANAGED_BY,
  type VmLabelState,
} from '../../api/group.ts';
import type { Vmi } from '../../api/kubevirt.ts';
import { VMIS } from '../../api/types.ts';
import { parseApplicationId } from '../../domain/application.ts';
import type { Reconciler } from '../../runtime/controller.ts';
import type { Informer, KubeClient } from '../../runtime/kube.ts';
import type { Fleet } from './fleet.ts';
import type { Vm } from './vm.ts';

interface Marks {
  readonly labels: Readonly<Record<string, string>>;
  readonly annotations: Readonly<Record<string, string>>;
}

/**
 * Writes the binding into the VMI's labels and annotations, behind the traffic (docs/adr/0004), and puts back
 * labels that were taken away. A VMI that is seen no longer is gone, or was made unseen so: it is asked for.
 */
export function labelReconciler(fleet: Fleet, vmis: Informer<Vmi>, client: KubeClient): Reconciler {
  return async (key) => {
    const vm = fleet.get(key);
    const vmi = vmis.get(key);
    if (vm?.uid === undefined) return {};
    const marks = marksOf(vm);
    if (vmi !== undefined && hasMarks(vmi, marks)) return {};
    const ref = { resource: VMIS, name: vm.name, namespace: vm.namespace };
    // The uid makes the patch a conflict when another VMI has taken the name.
    const metadata = { ...marks, uid: vm.uid };
    try {
      await client.patch(ref, { metadata }, { type: 'merge', fieldManager: FIELD_MANAGER });
    } catch (error) {
      if (vmi !== undefined || !isGone(error)) throw error;
      fleet.remove(key);
    }
    return {};
  };
}

/** There is none of this name, or it is another one. */
function isGone(error: unknown): boolean {
  const { status } = error as { status?: unknown };
  return status === 404 || status === 409;
}

function marksOf(vm: Vm): Marks {
  const [, pool = ''] = vm.pool.split('/');
  const own = {
    [LABELS.managedBy]: MANAGED_BY,
    [LABELS.pool]: pool,
    [LABELS.poolRevision]: vm.poolRevision,
    [LABELS.vmId]: vm.vmId,
  };
  const { labels, annotations } = bindingMarksOf(vm) ?? NONE;
  return { labels: { ...own, ...labels }, annotations };
}

const NONE: Marks = { labels: {}, annotations: {} };

function bindingMarksOf({ binding, stage }: Vm): Marks | undefined {
  if (binding === undefined || (stage !== 'bound' && stage !== 'draining')) return undefined;
  const application = parseApplicationId(binding.application);
  if (application === undefined) return undefined;
  const state: VmLabelState = stage;
  return {
    labels: {
      [LABELS.application]: application.name,
      [LABELS.applicationNamespace]: application.namespace,
      [LABELS.state]: state,
    },
    annotations: {
      [ANNOTATIONS.boundAt]: new Date(binding.boundAt).toISOString(),
      [ANNOTATIONS.revision]: binding.revision,
      [ANNOTATIONS.slots]: String(binding.slots),
    },
  };
}

function hasMarks({ metadata }: Vmi, marks: Marks): boolean {
  const { labels = {}, annotations = {} } = metadata;
  return (
    Object.entries(marks.labels).every(([name, value]) => labels[name] === value) &&
    Object.entries(marks.annotations).every(([name, value]) => annotations[name] === value)
  );
}
