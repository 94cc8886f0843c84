import { request } from 'undici';
import { CONTROL, type AgentState } from '../../api/agent-protocol.ts';
import { AGENT_PORT, ANNOTATIONS, GROUP, LABELS, MANAGED_BY } from '../../api/group.ts';
import type { Vmi } from '../../api/kubevirt.ts';
import { VMIS } from '../../api/types.ts';
import { applicationId } from '../../domain/application.ts';
import { observeVmi } from '../../domain/vmi/observe.ts';
import type { BoundVm } from '../../gateway/operator/endpoints.ts';
import type { BoundVms } from '../../gateway/recover.ts';
import type { KubeClient } from '../../runtime/kube.ts';
import type { Logger } from '../../runtime/log.ts';

/** For machines on which VMs share an address. */
const PORT_ANNOTATION = `${GROUP}/agent-port`;
const ANSWER_MS = 1_000;
/** Agents that are asked at a time. */
const PARALLEL = 32;

/**
 * The bound VMs by their VMIs' labels, each confirmed by its agent, whose answer wins
 * over the labels (docs/adr/0005). A VM whose agent does not answer is left out.
 */
export function boundVmsOf(client: KubeClient, log: Logger): BoundVms {
  return {
    async listBound() {
      const labelSelector = `${LABELS.managedBy}=${MANAGED_BY},${LABELS.state}=bound`;
      const { items } = await client.list(VMIS, { labelSelector });
      const candidates = (items as readonly Vmi[]).map(readVmi).filter((vm) => vm !== undefined);
      const confirmed: BoundVm[] = [];
      for (let from = 0; from < candidates.length; from += PARALLEL) {
        const some = candidates.slice(from, from + PARALLEL).map((vm) => confirm(vm, log));
        for (const vm of await Promise.all(some)) if (vm !== undefined) confirmed.push(vm);
      }
      return confirmed;
    },
  };
}

/** What the operator wrote down; undefined for a VMI that is on its way out or has no address. */
export function readVmi(vmi: Vmi): BoundVm | undefined {
  const seen = observeVmi(vmi);
  if (seen?.phase !== 'running' || seen.address === undefined) return undefined;
  const { annotations = {} } = vmi.metadata;
  const ip = seen.address.includes(':') ? `[${seen.address}]` : seen.address;
  return {
    vmId: seen.vmId,
    applicationId: labelledApplication(vmi, seen.pool),
    address: `${ip}:${annotations[PORT_ANNOTATION] ?? AGENT_PORT}`,
    slots: Number(annotations[ANNOTATIONS.slots] ?? 0),
    boundAt: Date.parse(annotations[ANNOTATIONS.boundAt] ?? '') || 0,
  };
}

function labelledApplication({ metadata }: Vmi, pool: string): string {
  const { labels = {} } = metadata;
  const [namespace = '', name = ''] = pool.split('/');
  return applicationId({
    namespace: labels[LABELS.applicationNamespace] ?? '',
    name: labels[LABELS.application] ?? '',
    pool: { namespace, name },
  });
}

async function confirm(vm: BoundVm, log: Logger): Promise<BoundVm | undefined> {
  try {
    const state = await askState(vm.address);
    const bound = state.vmId === vm.vmId && state.state === 'bound' && state.broken === undefined;
    if (!bound || state.application === undefined) return undefined;
    return { ...vm, applicationId: state.application, slots: state.slots ?? vm.slots };
  } catch (error) {
    log.debug('agent does not answer', { vmId: vm.vmId, address: vm.address, error });
    return undefined;
  }
}

async function askState(address: string): Promise<AgentState> {
  const answer = await request(`http://${address}${CONTROL.state}`, {
    signal: AbortSignal.timeout(ANSWER_MS),
  });
  if (answer.statusCode !== 200) {
    await answer.body.dump();
    throw new Error(`the agent answered ${answer.statusCode}`);
  }
  return (await answer.body.json()) as AgentState;
}
