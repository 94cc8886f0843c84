import type { Guest } from '../../support/agent.ts';
import type { AgentKind, StartOptions } from './kind.ts';

export interface NodeOptions extends StartOptions {
  /** Of Node's own, before the script. */
  readonly nodeArgs?: readonly string[];
}

/** One way to run the Node agent, for what the agents of other languages do not share. */
export interface NodeKind extends Pick<AgentKind, 'name' | 'slowness'> {
  start(options?: NodeOptions): Promise<Guest>;
}
