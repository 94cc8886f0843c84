import type { AgentState } from '../../api/agent-protocol.ts';
import type { VmLabelState } from '../../api/group.ts';
import type { Binding, Vm } from './vm.ts';

/** What becomes of a VM whose agent has answered for the first time. */
export type Adoption =
  | { readonly kind: 'again' }
  | { readonly kind: 'generic' }
  | { readonly kind: 'bound'; readonly stage: 'bound' | 'draining'; readonly binding: Binding }
  | { readonly kind: 'delete'; readonly reason: string };

export interface AdoptionFacts {
  readonly vm: Vm;
  readonly answer: AgentState;
  /** What its labels say; undefined for a VM that was never seen bound. */
  readonly label: VmLabelState | undefined;
  /** When the labels say it was bound; now, where they do not. */
  readonly boundAt: number;
}

/**
 * The agent's answer decides, whatever labels say (docs/adr/0005). A VM whose
 * binding cannot be accounted for is deleted (invariant I1).
 */
export function adopt({ vm, answer, label, boundAt }: AdoptionFacts): Adoption {
  // Another guest has taken over the address of one that is gone.
  if (answer.vmId !== vm.vmId) return { kind: 'again' };
  if (answer.broken !== undefined) return { kind: 'delete', reason: 'Broken' };
  if (answer.state === 'binding') return { kind: 'again' };
  if (answer.state === 'generic') return adoptGeneric(answer, label);
  const { application, revision, slots, functions } = answer;
  if (application === undefined || revision === undefined || slots === undefined) {
    return { kind: 'delete', reason: 'BindingUnknown' };
  }
  const binding = { application, revision, slots, boundAt, functions };
  return { kind: 'bound', stage: answer.state === 'draining' ? 'draining' : 'bound', binding };
}

/** A VM that still loads and rehearses would make its first user wait for that (docs/adr/0014). */
function adoptGeneric({ warm }: AgentState, label: VmLabelState | undefined): Adoption {
  if (label !== undefined) return { kind: 'delete', reason: 'BindingLost' };
  return warm === false ? { kind: 'again' } : { kind: 'generic' };
}
