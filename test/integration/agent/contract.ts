import { describe } from '@jest/globals';
import { describeBind } from './contract-bind.ts';
import { describeFaults } from './contract-faults.ts';
import { describeInvoke } from './contract-invoke.ts';
import type { AgentKind } from './kind.ts';

/** What every agent does, in whatever language and guest. */
export function agentContract(kind: AgentKind): void {
  describe(`agent contract: ${kind.name}`, () => {
    describe('bind', () => {
      describeBind(kind);
    });
    describe('invoke', () => {
      describeInvoke(kind);
    });
    describe('faults', () => {
      describeFaults(kind);
    });
  });
}
