import type { IncomingMessage, ServerResponse } from 'node:http';
import { CONTROL, HEADERS } from '../../api/agent-protocol.ts';
import { bind, type BindContext } from '../bind/bind.ts';
import { sendJson, sendProblem } from '../http/answer.ts';
import { Refusal } from '../refusal.ts';
import type { Identity } from '../identity/identity.ts';
import type { Vm } from '../vm.ts';
import { EMPTY_SHA256, isSigned } from './signature.ts';

export interface ControlContext {
  readonly vm: Vm;
  readonly identity: Identity;
  readonly bind: Omit<BindContext, 'isSigned'>;
}

const IDENTITY_BYTES = 4096;

interface Route {
  readonly method: string;
  /** Signed over an empty body. A bind checks its own. */
  readonly signed: boolean;
  run(context: ControlContext, req: IncomingMessage): unknown;
}

const ROUTES: Readonly<Record<string, Route>> = {
  // Answered by open.ts when they are a GET.
  [CONTROL.health]: { method: 'GET', signed: false, run: () => undefined },
  [CONTROL.state]: { method: 'GET', signed: false, run: () => undefined },
  [CONTROL.bind]: { method: 'POST', signed: false, run: runBind },
  [CONTROL.identity]: { method: 'POST', signed: false, run: runIdentity },
  [CONTROL.drain]: { method: 'POST', signed: true, run: runDrain },
  [CONTROL.meter]: {
    method: 'GET',
    signed: true,
    run: ({ vm }) => vm.meter.read(vm.id, vm.binding?.functions.keys() ?? []),
  },
};

/** Answers every request that is not an invocation. Never rejects. */
export async function control(
  context: ControlContext,
  req: IncomingMessage,
  res: ServerResponse,
): Promise<void> {
  try {
    const route = routeOf(req);
    if (route.signed) {
      checkSignature(context, req, EMPTY_SHA256);
    }
    sendJson(res, await route.run(context, req));
  } catch (error) {
    const refusal =
      error instanceof Refusal
        ? error
        : new Refusal(500, 'AgentError', `The agent failed: ${String(error)}`);
    const requestId = req.headers[HEADERS.requestId];
    const extra = refusal.status === 409 ? { state: context.vm.state } : {};
    // Most of an unread body would otherwise be read for nothing.
    res.setHeader('connection', 'close');
    sendProblem(res, refusal, typeof requestId === 'string' ? requestId : '', extra);
  }
}

function routeOf(req: IncomingMessage): Route {
  const route = ROUTES[req.url ?? ''];
  if (route === undefined) {
    throw new Refusal(404, 'RouteUnknown', 'Neither an invocation nor a control call.');
  }
  if (route.method !== req.method) {
    throw new Refusal(405, 'MethodNotAllowed', `This control call is a ${route.method}.`);
  }
  return route;
}

function checkSignature(context: ControlContext, req: IncomingMessage, sha256: string): void {
  if (!signedBy(context, req, sha256)) {
    throw new Refusal(401, 'SignatureInvalid', 'The operator did not sign this call to this VM.');
  }
}

function signedBy(context: ControlContext, req: IncomingMessage, sha256: string): boolean {
  const { method = '', url: path = '' } = req;
  const call = { method, path, vmId: context.vm.id, sha256 };
  return isSigned(context.identity, call, req.headers[HEADERS.signature]);
}

async function runIdentity(
  { vm, identity }: ControlContext,
  req: IncomingMessage,
): Promise<unknown> {
  const { adoptIdentity, parseIdentity } = await import('../identity/adopt.ts');
  const call = parseIdentity(await smallBody(req));
  if (!identity.isTemplate) {
    throw new Refusal(409, 'IdentityGiven', `This VM is ${vm.id} already.`);
  }
  adoptIdentity(vm, identity, call);
  return vm.state;
}

async function smallBody(req: IncomingMessage): Promise<string> {
  let text = '';
  for await (const chunk of req.setEncoding('latin1') as AsyncIterable<string>) {
    text += chunk;
    if (text.length > IDENTITY_BYTES) {
      throw new Refusal(413, 'IdentityTooLarge', `At most ${IDENTITY_BYTES} bytes are allowed.`);
    }
  }
  return text;
}

async function runBind(context: ControlContext, req: IncomingMessage): Promise<unknown> {
  const { bindMs } = context.bind.limits;
  const late = Promise.withResolvers<never>();
  late.promise.catch(() => undefined);
  const timer = setTimeout(() => {
    late.reject(new Refusal(408, 'BindTimeout', `The bind did not arrive within ${bindMs} ms.`));
  }, bindMs);
  const isOperators = (sha256: string): boolean => signedBy(context, req, sha256);
  try {
    return await bind({ ...context.bind, isSigned: isOperators }, inTime(req, late.promise));
  } finally {
    clearTimeout(timer);
  }
}

/** The body's bytes until `late` rejects. The request stays open for an answer. */
async function* inTime(req: IncomingMessage, late: Promise<never>): AsyncGenerator<Buffer> {
  const body = req.iterator({ destroyOnReturn: false }) as AsyncIterator<Buffer, undefined>;
  for (;;) {
    const { done, value } = await Promise.race([body.next(), late]);
    if (done === true) {
      return;
    }
    yield value;
  }
}

function runDrain({ vm }: ControlContext): unknown {
  vm.drain();
  return vm.state;
}
