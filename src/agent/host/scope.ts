import { AsyncLocalStorage } from 'node:async_hooks';
import type { HostedFunction } from '../function.ts';
import type { Invocation } from '../invoke/invocation.ts';

/** On whose behalf code runs: a function while it loads, with an invocation while it answers. */
export interface Scope {
  readonly fn: HostedFunction;
  readonly invocation?: Invocation;
}

const storage = new AsyncLocalStorage<Scope>();

/** Runs `task` and all that it starts on behalf of `scope`. */
export function runIn<T>(scope: Scope, task: () => T): T {
  return storage.run(scope, task);
}

/** Undefined in code of the agent's own, and where the context was lost. */
export function currentScope(): Scope | undefined {
  return storage.getStore();
}
