import { describe, expect, test } from '@jest/globals';
import type { AgentState } from '../../../../src/api/agent-protocol.ts';
import type { BindingClaim } from '../../../../src/api/binding.ts';
import { adopt, type Adoption, type AdoptionFacts } from '../../../../src/operator/vms/adopt.ts';
import { aVm } from '../../support/vms.ts';

const GENERIC: AgentState = {
  version: 1,
  vmId: 'id-1',
  state: 'generic',
  inFlight: 0,
  functions: [],
  uptimeMs: 10,
};
const functions = [{ name: 'cart', state: 'loaded' }] as const;
const BOUND: AgentState = {
  ...GENERIC,
  state: 'bound',
  application: 'shop/cart@pools/node',
  revision: 'sha256:1',
  slots: 16,
  functions,
};
const binding = {
  application: 'shop/cart@pools/node',
  revision: 'sha256:1',
  slots: 16,
  tokenKey: 'k1',
  boundAt: 77,
  functions,
};

const CLAIM: BindingClaim = {
  ...{ vmId: 'id-1', application: 'shop/cart@pools/node', revision: 'sha256:1', slots: 16 },
  ...{ tokenKey: 'k1', boundAt: 77, epoch: 1 },
};
const LABEL = { state: 'bound', application: 'shop/cart@pools/node' } as const;

interface Row {
  readonly why: string;
  readonly answer: AgentState;
  readonly label?: AdoptionFacts['label'];
  readonly claim?: BindingClaim | undefined;
  readonly reserved?: boolean;
  readonly is: Adoption;
}

/** I1, docs/adr/0029. */
describe('the operator’s word decides, whatever the guest says', () => {
  test.each<Row>([
    { why: 'a VM that nobody has', answer: GENERIC, is: { kind: 'generic' } },
    {
      why: 'one that has rehearsed',
      answer: { ...GENERIC, warm: true },
      is: { kind: 'generic' },
    },
    {
      why: 'one that still rehearses: its first user would wait for that',
      answer: { ...GENERIC, warm: false },
      is: { kind: 'again' },
    },
    {
      why: 'what is bound may be used, rehearsed or not',
      answer: { ...BOUND, warm: false },
      is: { kind: 'bound', stage: 'bound', binding },
    },
    {
      why: 'labels say bound, the agent rehearses: whose it was cannot be accounted for',
      answer: { ...GENERIC, warm: false },
      label: LABEL,
      is: { kind: 'delete', reason: 'BindingLost' },
    },
    {
      why: 'labels say bound, the agent knows nothing: whose it was cannot be accounted for',
      answer: GENERIC,
      label: LABEL,
      is: { kind: 'delete', reason: 'BindingLost' },
    },
    {
      why: 'the same for draining',
      answer: GENERIC,
      label: { ...LABEL, state: 'draining' },
      is: { kind: 'delete', reason: 'BindingLost' },
    },
    {
      why: 'bound, and the crash came before its label',
      answer: BOUND,
      is: { kind: 'bound', stage: 'bound', binding },
    },
    {
      why: 'bound, and labels say so',
      answer: BOUND,
      label: LABEL,
      is: { kind: 'bound', stage: 'bound', binding },
    },
    {
      why: 'a drain that was begun is ended',
      answer: { ...BOUND, state: 'draining' },
      label: LABEL,
      is: { kind: 'bound', stage: 'draining', binding },
    },
    {
      why: 'labels say draining, the agent was never told: it serves',
      answer: BOUND,
      label: { ...LABEL, state: 'draining' },
      is: { kind: 'bound', stage: 'bound', binding },
    },
    {
      why: 'in the middle of a bind: its end is awaited',
      answer: { ...BOUND, state: 'binding' },
      is: { kind: 'again' },
    },
    {
      why: 'another guest has the address of one that is gone: this answer says nothing of this VM',
      answer: { ...BOUND, vmId: 'id-2' },
      label: LABEL,
      is: { kind: 'again' },
    },
    {
      why: 'somebody else’s breakage neither',
      answer: { ...GENERIC, vmId: 'id-2', broken: 'x' },
      is: { kind: 'again' },
    },
    {
      why: 'user code broke it',
      answer: { ...BOUND, broken: 'event loop stuck' },
      label: LABEL,
      is: { kind: 'delete', reason: 'Broken' },
    },
    {
      why: 'bound with a key of tokens that is gone: nobody can speak to it, and what runs in it ends',
      answer: BOUND,
      claim: { ...CLAIM, tokenKey: 'k0' },
      is: {
        kind: 'bound',
        stage: 'draining',
        binding: { ...binding, tokenKey: 'k0' },
        reason: 'TokenKeyUnknown',
      },
    },
    {
      why: 'bound, and shows nothing that the operator signed',
      answer: BOUND,
      claim: undefined,
      is: { kind: 'delete', reason: 'BindingUnsigned' },
    },
    {
      why: 'the same, and labels say bound',
      answer: BOUND,
      claim: undefined,
      label: LABEL,
      is: { kind: 'delete', reason: 'BindingUnsigned' },
    },
    {
      why: 'it shows the binding of another VM',
      answer: BOUND,
      claim: { ...CLAIM, vmId: 'id-2' },
      is: { kind: 'delete', reason: 'BindingForeign' },
    },
    {
      why: 'it shows a binding to an application of another pool',
      answer: BOUND,
      claim: { ...CLAIM, application: 'shop/cart@pools/other' },
      is: { kind: 'delete', reason: 'BindingForeign' },
    },
    {
      why: 'labels name another application than its binding',
      answer: BOUND,
      label: { ...LABEL, application: 'shop/other@pools/node' },
      is: { kind: 'delete', reason: 'BindingForeign' },
    },
    {
      why: 'what it says beside its binding changes nothing',
      answer: {
        ...BOUND,
        application: 'bank/victim@pools/node',
        revision: 'sha256:9',
        slots: 9_999,
      },
      label: LABEL,
      is: { kind: 'bound', stage: 'bound', binding },
    },
    {
      why: 'reserved, and says that it is generic: it may have had code and hide it',
      answer: GENERIC,
      reserved: true,
      is: { kind: 'delete', reason: 'Reserved' },
    },
    {
      why: 'reserved, and bound as the operator signed: the crash came before its label',
      answer: BOUND,
      reserved: true,
      is: { kind: 'bound', stage: 'bound', binding },
    },
    {
      why: 'generic, with a binding to show: it was bound once',
      answer: { ...GENERIC, binding: 'x' },
      is: { kind: 'delete', reason: 'BindingLost' },
    },
  ])('$why', ({ answer, label, is, reserved = false, ...row }) => {
    const claim = 'claim' in row ? row.claim : CLAIM;
    const knowsKey = (keyId: string): boolean => keyId === 'k1';
    expect(adopt({ vm: aVm(), answer, claim, label, reserved, knowsKey })).toEqual(is);
  });
});
