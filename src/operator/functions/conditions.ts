import type { FunctionLoad } from '../../api/agent-protocol.ts';
import type { Statement } from '../../api/conditions.ts';
import type { Function, OsvPool } from '../../api/types.ts';
import { applicationOf, poolKey } from '../../domain/application.ts';
import type { ClaimProblem } from '../../domain/routing/claims.ts';
import type { Blocked } from '../applications/registry.ts';
import { FUNCTION_CONDITIONS, statementsOf } from '../conditions.ts';
import type { Routing } from '../stream/route-propagation.ts';

const state = statementsOf(FUNCTION_CONDITIONS);

/** What is known of a Function when its status is written. */
export interface FunctionFacts {
  readonly fn: Function;
  /** Why its source cannot be loaded; an earlier one may go on serving. */
  readonly sourceProblem: Blocked | undefined;
  /** Its source is being read. */
  readonly isReading: boolean;
  /** Digest of the source as it is now. */
  readonly digest: string | undefined;
  /** Why it may not use its pool. */
  readonly poolProblem: Blocked | undefined;
  /** Undefined while its pool is not known. */
  readonly runtime: OsvPool['spec']['runtime'] | undefined;
  /** What the VMs of the current revision said when they loaded it. */
  readonly load: FunctionLoad | undefined;
  /** What the status says already of the handler as it is now; VMs that said so may be gone. */
  readonly remembered: Statement | undefined;
  /** A newer revision that did not load, while the one before goes on serving. */
  readonly rejected: boolean;
  /** The application's bundle was refused by an agent. */
  readonly refused: Blocked | undefined;
  /** Its application's VMs are lost one after the other. */
  readonly trouble: Blocked | undefined;
  /** Why it does not get a host or path that it claims. */
  readonly claimProblem: ClaimProblem | undefined;
  /** Whether the gateways know it as it is now. */
  readonly routing: Routing;
  readonly vms: number;
  readonly backlog: number;
  /** What keeps its pool from getting VMs, as the pool's condition names it. */
  readonly poolTrouble: string | undefined;
  readonly max: number;
}

/** So many gateways are named in a message. */
const NAMED = 3;

/** Fields of the spec that this version stores and does not act on. */
const NOT_YET: readonly [string, (fn: Function) => boolean][] = [
  ['spec.scaling.metrics', ({ spec }) => (spec.scaling.metrics ?? []).length > 0],
  ['spec.scaling.behavior', ({ spec }) => spec.scaling.behavior !== undefined],
  ['spec.async', ({ spec }) => spec.async !== undefined],
  ['spec.triggers', ({ spec }) => (spec.triggers ?? []).length > 0],
];

export function functionConditions(facts: FunctionFacts): Statement[] {
  const route = routed(facts);
  const parts = [source(facts), pool(facts), handler(facts), route];
  return [ready(parts, route), ...parts, scaling(facts), supported(facts)];
}

/** A handler that no VM has loaded yet does not count: the first request loads it. */
function ready(parts: readonly Statement[], route: Statement): Statement {
  const bad = parts.find((part) => part.status === 'False') ?? route;
  if (bad.status !== 'True') return { ...bad, type: 'Ready' };
  const message = 'requests are answered; VMs start when they are needed';
  return state('Ready', 'Available', message);
}

function source({ sourceProblem, isReading, digest, poolProblem }: FunctionFacts): Statement {
  if (sourceProblem !== undefined) return failed('SourceReady', sourceProblem);
  if (isReading) return state('SourceReady', 'Reading', 'the source is being read');
  if (poolProblem !== undefined) {
    const message = 'the source is read when the pool may be used';
    return state('SourceReady', 'PoolNotReady', message);
  }
  const message = `code ${digest ?? ''}`;
  return state('SourceReady', 'Resolved', message);
}

function pool({ poolProblem, fn }: FunctionFacts): Statement {
  if (poolProblem !== undefined) return failed('PoolReady', poolProblem);
  const message = `OsvPool ${fn.spec.poolRef.name} may be used`;
  return state('PoolReady', 'Admitted', message);
}

function handler({ load, remembered, rejected, refused, trouble }: FunctionFacts): Statement {
  const obstacle = refused ?? trouble;
  if (obstacle !== undefined) return failed('HandlerReady', obstacle);
  if (load?.state === 'failed') return notLoaded(load, rejected);
  if (load?.state === 'loaded') {
    return state('HandlerReady', 'Loaded', 'the handler was loaded in a VM');
  }
  return remembered ?? state('HandlerReady', 'NotLoadedYet', 'no VM has loaded it yet');
}

function notLoaded(load: FunctionLoad, rejected: boolean): Statement {
  const { reason = 'LoadFailed', detail = 'the module did not load' } = load;
  const kept = rejected ? '; the revision before goes on serving' : '';
  return failed('HandlerReady', { reason, detail: `${detail}${kept}` });
}

/**
 * Whether every gateway knows this generation. It stays True for one that it was True for:
 * a gateway that comes later gets no requests before it knows all Functions.
 */
export function isRouted({ metadata, status }: Function): boolean {
  return (status?.conditions ?? []).some(
    (one) =>
      one.type === 'Routed' &&
      one.status === 'True' &&
      one.observedGeneration === metadata.generation,
  );
}

function routed({ fn, claimProblem, routing: { gateways, behind } }: FunctionFacts): Statement {
  if (claimProblem !== undefined) {
    return state('Routed', claimProblem.reason, claimProblem.message);
  }
  if (isRouted(fn) || (gateways > 0 && behind.length === 0)) {
    const message = 'the gateways send requests to it';
    return state('Routed', 'Routed', message);
  }
  if (gateways === 0) {
    const message = 'no gateway is connected to the operator';
    return state('Routed', 'NoGateway', message);
  }
  const message = `${behind.length} of ${gateways} gateways do not know it as it is now: ${namesOf(behind)}`;
  return state('Routed', 'GatewaysBehind', message);
}

/** A status is no list of a hundred gateways. */
function namesOf(gateways: readonly string[]): string {
  const more = gateways.length - NAMED;
  const named = gateways.slice(0, NAMED).join(', ');
  return more > 0 ? `${named} and ${more} more` : named;
}

function scaling({ fn, vms, backlog, max, poolTrouble }: FunctionFacts): Statement {
  if (backlog > 0) {
    // The pool's own words may be of another namespace.
    const why =
      poolTrouble === undefined
        ? ''
        : `; OsvPool ${poolKey(applicationOf(fn))} says ${poolTrouble}`;
    const message = `${backlog} more VMs are needed than the pool has ready${why}`;
    return state('Scaling', 'WaitingForPool', message);
  }
  if (vms >= max) {
    const message = `spec.scaling.max (${max}) VMs are reached`;
    return state('Scaling', 'AtMaximum', message);
  }
  return vms === 0
    ? state('Scaling', 'ScaledToZero', 'no VM until a request comes')
    : state('Scaling', 'Satisfied', vms === 1 ? '1 VM' : `${vms} VMs`);
}

function supported({ fn, runtime }: FunctionFacts): Statement {
  const fields = NOT_YET.filter(([, isSet]) => isSet(fn)).map(([field]) => field);
  if (fields.length === 0 && runtime === 'Native' && fn.spec.signature !== 'Auto') {
    const message = `spec.signature ${fn.spec.signature} is for handlers that an agent calls: a native program speaks HTTP`;
    return state('SpecSupported', 'WithoutEffect', message);
  }
  if (fields.length === 0) {
    return state('SpecSupported', 'Supported', 'every field is acted on');
  }
  const message = `stored, but not acted on by this version: ${fields.join(', ')}`;
  return state('SpecSupported', 'NotYetActedOn', message);
}

function failed(type: string, { reason, detail }: Blocked): Statement {
  return { type, status: 'False', reason, message: detail };
}
