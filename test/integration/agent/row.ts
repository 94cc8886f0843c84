import { test } from '@jest/globals';
import type { AgentKind } from './kind.ts';

/** Adds one row to the contract: a test by this name. */
export type Row = (name: string, task: () => Promise<void>) => void;

export interface Rows {
  readonly row: Row;
  /** @throws Error when the kind declares a row impossible that the contract does not have */
  checkDeclarations(): void;
}

/** The rows of `kind`. What it declares impossible is reported as skipped, with the reason in its name. */
export function rowsOf({ impossible = {} }: Pick<AgentKind, 'impossible'>): Rows {
  const names = new Set<string>();
  return {
    row(name, task) {
      names.add(name);
      const reason = impossible[name];
      if (reason === undefined) {
        test(name, task);
      } else {
        test.skip(`${name} [impossible: ${reason}]`, task);
      }
    },
    checkDeclarations() {
      const unknown = Object.keys(impossible).filter((name) => !names.has(name));
      if (unknown.length > 0) {
        throw new Error(`declared impossible, but no row of the contract: ${unknown.join('; ')}`);
      }
    },
  };
}
