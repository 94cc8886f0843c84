/**
 * The stream between a gateway and the operator: a WebSocket that the gateway
 * opens to {@link STREAM_PATH} with its service account token as bearer.
 * One JSON text message each, checked against gateway-schema.ts; unknown types are ignored,
 * so that either side may be newer. Durations are milliseconds.
 */
export const STREAM_VERSION = 1;
export const STREAM_PATH = '/v1/gateway';

/** What a gateway knows of an application at this moment. */
export interface Demand {
  readonly application: string;
  readonly inFlight: number;
  readonly waiting: number;
  readonly oldestWaitMs: number;
  /**
   * Requests that arrived since this gateway began to count them: the operator takes differences.
   * Counting begins anew at 0 when a level has left the application out.
   */
  readonly arrivals: number;
  /** Moving average of service time; 0 while nothing was answered yet. */
  readonly serviceMs: number;
  /** How many of `waiting` wait for which function, of at most {@link MAX_WAITED_FUNCTIONS}. */
  readonly functions?: readonly { readonly function: string; readonly waiting: number }[];
}

/** An application of more functions that are waited for is told of the others later. */
export const MAX_WAITED_FUNCTIONS = 100;

export type GatewayMessage =
  | { readonly type: 'hello'; readonly version: number; readonly gateway: string }
  /**
   * `level`: every second, all applications of this gateway but those in which nothing runs, waits or has come
   * since the level before; otherwise those that changed.
   */
  | { readonly type: 'demand'; readonly level: boolean; readonly applications: readonly Demand[] }
  /** The gateway's routes follow every change of a Function up to this resource version. */
  | { readonly type: 'routes'; readonly resourceVersion: string }
  /** The gateway sends nothing more to this VM and has nothing in flight there. */
  | { readonly type: 'released'; readonly vmId: string }
  /** The VM refuses connections, times out or says that it is broken. */
  | { readonly type: 'suspect'; readonly vmId: string; readonly reason: string };

export interface Endpoint {
  readonly vmId: string;
  /** `ip:port` of the agent. */
  readonly address: string;
  readonly slots: number;
  /** Milliseconds since the epoch; the oldest of equally full VMs gets the request. */
  readonly boundAt: number;
  /** Id of the key that the VM's token is derived from; the present one where it is not said. */
  readonly tokenKey?: string;
  /** Names of the functions that the VM was bound with; where it is not said, any. */
  readonly functions?: readonly string[];
}

export type OperatorMessage =
  | { readonly type: 'welcome'; readonly version: number; readonly operator: string }
  /** Replaces all that the gateway holds; sent first, and after a restart of either side. */
  | {
      readonly type: 'snapshot';
      readonly applications: readonly {
        readonly application: string;
        readonly endpoints: readonly Endpoint[];
      }[];
    }
  /** `remove`: send nothing more there; answer `released` when nothing is in flight. */
  | {
      readonly type: 'endpoints';
      readonly application: string;
      readonly add: readonly Endpoint[];
      readonly remove: readonly string[];
    }
  /** Why an application, or one `function` of it, that waits gets no VM; `final` fails what waits at once. */
  | {
      readonly type: 'refusal';
      readonly application: string;
      readonly function?: string;
      readonly reason: string;
      readonly detail: string;
      readonly final: boolean;
    }
  /** How long the phases of a bind took, for the gateway's cold-start metrics. */
  | {
      readonly type: 'bound';
      readonly application: string;
      readonly vmId: string;
      readonly phases: Readonly<Record<string, number>>;
    };

export function encode(message: GatewayMessage | OperatorMessage): string {
  return JSON.stringify(message);
}
