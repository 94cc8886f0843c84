import type { Roster, Rostered } from '../domain/dispatch/containers/roster.ts';
import type { Dispatcher } from './capacity/dispatcher.ts';
import type { GatewayProblem } from './http/refuse.ts';
import type { GatewayOptions } from './options.ts';
import type { Recorder } from './telemetry/recorder.ts';

/** A request that is neither answered nor given up. */
export interface ActiveRequest extends Rostered {
  /** What it waits for, in a word. */
  readonly stage: string;
  /** Looks at its deadlines. @param now clock of `performance.now()` */
  check(now: number): void;
  /** Asks a tunnel's client to come back elsewhere; nothing for others. */
  goAway(reason: string): void;
  refuse(problem: GatewayProblem): void;
}

/** What every request needs of its gateway. */
export interface GatewayContext {
  readonly options: GatewayOptions;
  readonly dispatcher: Dispatcher;
  readonly recorder: Recorder;
  readonly active: Roster<ActiveRequest>;
  /** From now on every answer closes its connection. */
  draining: boolean;
}
