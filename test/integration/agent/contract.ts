import { describe } from '@jest/globals';
import { describeBind } from './contract-bind.ts';
import { describeFaults } from './contract-faults.ts';
import { describeInvoke } from './contract-invoke.ts';
import type { AgentKind } from './kind.ts';
import { rowsOf } from './row.ts';

/** What every agent does, in whatever language and guest. */
export function agentContract(kind: AgentKind): void {
  describe(`agent contract: ${kind.name}`, () => {
    const { row, checkDeclarations } = rowsOf(kind);
    describe('bind', () => {
      describeBind(kind, row);
    });
    describe('invoke', () => {
      describeInvoke(kind, row);
    });
    describe('faults', () => {
      describeFaults(kind, row);
    });
    checkDeclarations();
  });
}
