import type { AgentState } from '../../api/agent-protocol.ts';
import type { BindingClaim } from '../../api/binding.ts';
import { parseApplicationId, poolKey } from '../../domain/application.ts';
import type { LabelledBinding } from '../../domain/vmi/labels.ts';
import type { Binding, Vm } from './vm.ts';

/** What becomes of a VM whose agent has answered for the first time. */
export type Adoption =
  | { readonly kind: 'again' }
  | { readonly kind: 'generic' }
  | {
      readonly kind: 'bound';
      readonly stage: 'bound' | 'draining';
      readonly binding: Binding;
      /** Why it serves nobody any more, where that is not what it was told before. */
      readonly reason?: Refusal;
    }
  | { readonly kind: 'delete'; readonly reason: Refusal };

/**
 * Why a VM is not taken on. `Broken`: its own word; `TokenKeyUnknown`, `TokenInvalid`: nobody can speak to it, or it
 * refuses; the others: what it says does not fit what the operator wrote.
 */
export type Refusal =
  | 'Broken'
  | 'BindingLost'
  | 'BindingUnsigned'
  | 'BindingForeign'
  | 'Reserved'
  | 'TokenKeyUnknown'
  | 'TokenInvalid';

export interface AdoptionFacts {
  readonly vm: Vm;
  /** The tenant's word, if there is a tenant. */
  readonly answer: AgentState;
  /** What the operator has signed of what the answer shows. */
  readonly claim: BindingClaim | undefined;
  /** What the VMI's labels say; undefined for a VM that was never seen bound. */
  readonly label: LabelledBinding | undefined;
  /** It may have been given an application's code, without a label yet. */
  readonly reserved: boolean;
  /** Whether tokens can be made with that key. */
  readonly knowsKey: (keyId: string) => boolean;
}

/**
 * Labels, reservation and signature are the operator's word, the answer is the guest's: it
 * can only lose by a lie (docs/adr/0029). A VM whose binding cannot be accounted for is
 * deleted (invariant I1).
 */
export function adopt(facts: AdoptionFacts): Adoption {
  const { vm, answer, label, reserved } = facts;
  // Another guest has taken over the address of one that is gone.
  if (answer.vmId !== vm.vmId) return { kind: 'again' };
  if (answer.broken !== undefined) return { kind: 'delete', reason: 'Broken' };
  if (answer.state === 'binding') return { kind: 'again' };
  if (answer.state === 'bound' || answer.state === 'draining') return adoptBound(facts);
  if (label !== undefined || answer.binding !== undefined) {
    return { kind: 'delete', reason: 'BindingLost' };
  }
  if (reserved) return { kind: 'delete', reason: 'Reserved' };
  // A VM that still loads and rehearses would make its first user wait for that (docs/adr/0014).
  return answer.warm === false ? { kind: 'again' } : { kind: 'generic' };
}

function adoptBound({ vm, answer, claim, label, knowsKey }: AdoptionFacts): Adoption {
  if (claim === undefined) return { kind: 'delete', reason: 'BindingUnsigned' };
  const { application, revision, slots, tokenKey, boundAt } = claim;
  const parsed = parseApplicationId(application);
  const fits =
    claim.vmId === vm.vmId &&
    parsed !== undefined &&
    poolKey(parsed) === vm.pool &&
    (label === undefined || label.application === application);
  if (!fits) return { kind: 'delete', reason: 'BindingForeign' };
  const { functions } = answer;
  const binding = { application, revision, slots, tokenKey, boundAt, functions };
  if (!knowsKey(tokenKey)) {
    return { kind: 'bound', stage: 'draining', binding, reason: 'TokenKeyUnknown' };
  }
  return { kind: 'bound', stage: answer.state === 'draining' ? 'draining' : 'bound', binding };
}
