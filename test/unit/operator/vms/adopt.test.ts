import { describe, expect, test } from '@jest/globals';
import type { AgentState } from '../../../../src/api/agent-protocol.ts';
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
  boundAt: 77,
  functions,
};

function without(field: keyof AgentState): AgentState {
  const answer = { ...BOUND };
  Reflect.deleteProperty(answer, field);
  return answer;
}

interface Row {
  readonly why: string;
  readonly answer: AgentState;
  readonly label?: AdoptionFacts['label'];
  readonly is: Adoption;
}

/** I1, docs/adr/0005. */
describe('the agent’s answer decides, whatever labels say', () => {
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
      label: 'bound',
      is: { kind: 'delete', reason: 'BindingLost' },
    },
    {
      why: 'labels say bound, the agent knows nothing: whose it was cannot be accounted for',
      answer: GENERIC,
      label: 'bound',
      is: { kind: 'delete', reason: 'BindingLost' },
    },
    {
      why: 'the same for draining',
      answer: GENERIC,
      label: 'draining',
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
      label: 'bound',
      is: { kind: 'bound', stage: 'bound', binding },
    },
    {
      why: 'a drain that was begun is ended',
      answer: { ...BOUND, state: 'draining' },
      label: 'bound',
      is: { kind: 'bound', stage: 'draining', binding },
    },
    {
      why: 'labels say draining, the agent was never told: it serves',
      answer: BOUND,
      label: 'draining',
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
      label: 'bound',
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
      label: 'bound',
      is: { kind: 'delete', reason: 'Broken' },
    },
    ...(['application', 'revision', 'slots'] as const).map((field) => ({
      why: `bound, and does not say its ${field}`,
      answer: without(field),
      is: { kind: 'delete', reason: 'BindingUnknown' } as const,
    })),
  ])('$why', ({ answer, label, is }) => {
    expect(adopt({ vm: aVm(), answer, label, boundAt: 77 })).toEqual(is);
  });
});
