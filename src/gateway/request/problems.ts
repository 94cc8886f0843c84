import type { OperatorRefusal } from '../capacity/waiter.ts';
import type { GatewayProblem } from '../http/refuse.ts';

/** Nothing was begun: the client may come back. Seconds. */
const RETRY_AFTER = ['retry-after', '1'];

export function queueFull(detail: string): GatewayProblem {
  return { status: 503, reason: 'QueueFull', detail, headers: RETRY_AFTER };
}

/** @param why what the operator said last about the application */
export function queueTimeout(ms: number, why: OperatorRefusal | undefined): GatewayProblem {
  const said = why === undefined ? '' : ` The operator says ${reasonOf(why)}.`;
  const detail = `No slot became free within ${ms} ms.${said}`;
  return { status: 503, reason: 'QueueTimeout', detail, headers: RETRY_AFTER, ...causeOf(why) };
}

/** The operator gives the application no VM until something changes. */
export function operatorRefused(why: OperatorRefusal): GatewayProblem {
  const detail = 'The application gets no VM; the conditions of its Functions say why.';
  const reason = reasonOf(why);
  return { status: 503, reason, detail, component: 'operator', ...causeOf(why) };
}

function causeOf(why: OperatorRefusal | undefined): { readonly cause?: string } {
  return why === undefined ? {} : { cause: `${why.reason}: ${why.detail}` };
}

/** The reason may be an agent's, hence its tenant's: only a word goes on. */
function reasonOf({ reason }: OperatorRefusal): string {
  return /^[A-Z][A-Za-z0-9]{0,63}$/.test(reason) ? reason : 'Refused';
}

/** A gateway that has just started must not deny what exists. */
export function routesUnknown(): GatewayProblem {
  const detail = 'This gateway has just started and does not know all Functions yet.';
  return { status: 503, reason: 'RoutesUnknown', detail, headers: RETRY_AFTER };
}

export function bodyTooLarge(maxBytes: number): GatewayProblem {
  const detail = `The body is longer than ${maxBytes} bytes.`;
  return { status: 413, reason: 'BodyTooLarge', detail };
}

export function bodyTimeout(ms: number): GatewayProblem {
  const detail = `The client sent nothing of the body for ${ms} ms.`;
  return { status: 408, reason: 'BodyTimeout', detail };
}

export function gatewayStopping(): GatewayProblem {
  const detail = 'This gateway stops; the request was not finished in time.';
  return { status: 503, reason: 'GatewayStopping', detail, headers: RETRY_AFTER };
}
