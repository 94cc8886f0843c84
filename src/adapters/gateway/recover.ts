import type { KeyObject } from 'node:crypto';
import { Counter, type Registry } from '@prometheus-io/client';
import type { Dispatcher } from 'undici';
import { CONTROL, type AgentState } from '../../api/agent-protocol.ts';
import { AGENT_STATE_SCHEMA } from '../../api/agent-schema.ts';
import { AGENT_PORT, GROUP, LABELS, MANAGED_BY } from '../../api/group.ts';
import type { Vmi } from '../../api/kubevirt.ts';
import { VMIS } from '../../api/types.ts';
import { labelledBinding } from '../../domain/vmi/labels.ts';
import { observeVmi } from '../../domain/vmi/observe.ts';
import type { BoundVm } from '../../gateway/capacity/endpoints.ts';
import type { BoundVms } from '../../gateway/control/recover.ts';
import { readBinding } from '../../operator/agents/bindings.ts';
import { boundedAgent, callJson } from '../../runtime/json-call.ts';
import type { KubeClient } from '../../runtime/kube.ts';
import type { Logger } from '../../runtime/log.ts';
import { checkerOf } from '../../runtime/schema.ts';

/** For machines on which VMs share an address. */
const PORT_ANNOTATION = `${GROUP}/agent-port`;
const ANSWER_MS = 1_000;
/** Agents that are asked at a time. */
const PARALLEL = 32;

export interface BoundVmsOptions {
  readonly client: KubeClient;
  /** The operator's, as an Ed25519 public key or the certificate of one. */
  readonly publicKey: KeyObject;
  readonly registry: Registry;
  readonly log: Logger;
}

/**
 * The bound VMs by their VMIs' labels, each confirmed by its agent with the binding that the
 * operator signed for it; what does not fit both is left out (docs/adr/0029), and so is a VM
 * whose agent does not answer.
 */
export function boundVmsOf(options: BoundVmsOptions): BoundVms {
  const dispatcher = boundedAgent({ connections: 1, pipelining: 0 });
  const refused = new Counter({
    name: 'osv_faas_gateway_bindings_refused_total',
    help: 'VMs that were passed over because the binding that they show does not fit their labels.',
    registers: [options.registry],
  });
  return {
    async listBound() {
      const labelSelector = `${LABELS.managedBy}=${MANAGED_BY},${LABELS.state}=bound`;
      const { items } = await options.client.list(VMIS, { labelSelector });
      const candidates = (items as readonly Vmi[]).map(readVmi).filter((vm) => vm !== undefined);
      const confirmed: BoundVm[] = [];
      for (let from = 0; from < candidates.length; from += PARALLEL) {
        const some = candidates.slice(from, from + PARALLEL);
        const asked = some.map((vm) => confirm(vm, dispatcher, { ...options, refused }));
        for (const vm of await Promise.all(asked)) if (vm !== undefined) confirmed.push(vm);
      }
      return confirmed;
    },
  };
}

/** What the operator wrote down; undefined for a VMI that is on its way out, has no address or no binding. */
export function readVmi(vmi: Vmi): LabelledVm | undefined {
  const seen = observeVmi(vmi);
  if (seen?.phase !== 'running' || seen.address === undefined) return undefined;
  const labelled = labelledBinding(vmi, seen.pool);
  if (labelled === undefined) return undefined;
  const ip = seen.address.includes(':') ? `[${seen.address}]` : seen.address;
  const port = vmi.metadata.annotations?.[PORT_ANNOTATION] ?? AGENT_PORT;
  return { vmId: seen.vmId, applicationId: labelled.application, address: `${ip}:${port}` };
}

type LabelledVm = Pick<BoundVm, 'vmId' | 'applicationId' | 'address'>;

const checkState = checkerOf<AgentState>(AGENT_STATE_SCHEMA);

async function confirm(
  vm: LabelledVm,
  dispatcher: Dispatcher,
  { publicKey, refused, log }: BoundVmsOptions & { readonly refused: Counter },
): Promise<BoundVm | undefined> {
  const state = await askState(vm.address, dispatcher).catch((error: unknown) => {
    log.debug('agent does not answer', { vmId: vm.vmId, error });
    return undefined;
  });
  // Another guest may have the address of one that is gone; one that drains serves nobody.
  if (state?.vmId !== vm.vmId || state.state !== 'bound' || state.broken !== undefined) {
    return undefined;
  }
  const claim = readBinding(publicKey, state.binding);
  if (claim?.vmId === vm.vmId && claim.application === vm.applicationId) {
    const { slots, boundAt, tokenKey } = claim;
    const functions = state.functions.map(({ name }) => name);
    const held = functions.length === 0 ? {} : { functions };
    return { ...vm, slots, boundAt, tokenKey, ...held };
  }
  log.warn('binding refused', { vmId: vm.vmId, application: vm.applicationId });
  refused.inc();
  return undefined;
}

async function askState(address: string, dispatcher: Dispatcher): Promise<AgentState> {
  const call = { method: 'GET', timeoutMs: ANSWER_MS } as const;
  const { status, value } = await callJson(dispatcher, `http://${address}${CONTROL.state}`, call);
  if (status !== 200) throw new Error(`the agent answered ${status}`);
  const checked = checkState(value);
  if ('problem' in checked) throw new Error(`the agent's answer is none: ${checked.problem}`);
  return checked.value;
}
