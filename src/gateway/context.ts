import type { Roster } from '../domain/dispatch/containers/roster.ts';
import type { Dispatcher } from './capacity/dispatcher.ts';
import type { Exchange } from './request/exchange.ts';
import type { GatewayOptions } from './options.ts';
import type { Recorder } from './telemetry/recorder.ts';
import type { Vm } from './capacity/vm.ts';

/** What every exchange needs of its gateway. */
export interface GatewayContext {
  readonly options: GatewayOptions;
  readonly dispatcher: Dispatcher;
  readonly recorder: Recorder;
  /** Requests that are neither answered nor given up. */
  readonly active: Roster<Exchange>;
  /** Tells the operator that a VM misbehaves. */
  readonly suspect: (vm: Vm, reason: string) => void;
  /** From now on every answer closes its connection. */
  draining: boolean;
}
