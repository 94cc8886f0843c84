import { describe } from '@jest/globals';
import { describeBind } from './contract-bind.ts';
import { describeFaults } from './contract-faults.ts';
import { describeInvoke } from './contract-invoke.ts';
import type { AgentKind } from './kind.ts';
import { rowsOf } from './row.ts';

/** What every agent does, in whatever language and guest. */
export function agentContract(kind: AgentKind): void {
  describe(`agent contract: ${kind.name}`, () => {
    const rows = rowsOf(kind);
    describe('bind', () => {
      describeBind(kind, rows.row);
    });
    describe('invoke', () => {
      describeInvoke(kind, rows.row);
    });
    describe('faults', () => {
      describeFaults(kind, rows.row);
    });
    rows.checkDeclarations();
  });
}
