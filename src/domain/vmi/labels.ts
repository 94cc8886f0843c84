import { LABELS, type VmLabelState } from '../../api/group.ts';
import type { Vmi } from '../../api/kubevirt.ts';
import { applicationId } from '../application.ts';

/** What the operator wrote down of a VM's binding; guests cannot write there. */
export interface LabelledBinding {
  readonly state: VmLabelState;
  /** Id of the application. */
  readonly application: string;
}

/** Undefined for a VM that was never seen bound. @param pool `namespace/name` of the VM's pool */
export function labelledBinding({ metadata }: Vmi, pool: string): LabelledBinding | undefined {
  const { labels = {} } = metadata;
  const state = labels[LABELS.state];
  if (state === undefined) return undefined;
  const [namespace = '', name = ''] = pool.split('/');
  const application = applicationId({
    namespace: labels[LABELS.applicationNamespace] ?? '',
    name: labels[LABELS.application] ?? '',
    pool: { namespace, name },
  });
  // Whatever else stands there, the VM is not generic.
  return { state: state === 'draining' ? 'draining' : 'bound', application };
}
