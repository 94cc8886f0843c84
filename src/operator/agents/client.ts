import type { Dispatcher } from 'undici';
import {
  CONTROL,
  HEADERS,
  type AgentState,
  type BindAnswer,
  type MeterReading,
} from '../../api/agent-protocol.ts';
import { AGENT_STATE_SCHEMA, BIND_ANSWER_SCHEMA, METER_SCHEMA } from '../../api/agent-schema.ts';
import { redact } from '../../domain/redact.ts';
import { messageOf } from '../../runtime/errors.ts';
import { boundedAgent, callJson, type JsonAnswer } from '../../runtime/json-call.ts';
import { checkerOf, type Checked } from '../../runtime/schema.ts';
import type { Signer } from './signer.ts';

/** An agent that refused (`status`), or from which no answer came (`status` 0). */
export class AgentError extends Error {
  override readonly name = 'AgentError';
  readonly status: number;
  readonly reason: string;

  constructor(status: number, reason: string, message: string, options?: ErrorOptions) {
    super(message, options);
    this.status = status;
    this.reason = reason;
  }
}

/** Where a VM is, and who it is. */
export interface AgentTarget {
  /** `ip:port`. */
  readonly address: string;
  readonly vmId: string;
}

/** Every call rejects with an {@link AgentError}, also where another VM answers than the one that was asked. */
export interface AgentClient {
  state(target: AgentTarget): Promise<AgentState>;
  /** `manifest` is what is signed; `body` holds it with its length and the payload. */
  bind(target: AgentTarget, manifest: Buffer, body: readonly Buffer[]): Promise<BindAnswer>;
  drain(target: AgentTarget): Promise<AgentState>;
  meter(target: AgentTarget): Promise<MeterReading>;
  /** Whether invocations with this token are taken; no function sees the question. */
  accepts(target: AgentTarget, token: string): Promise<boolean>;
  close(): Promise<void>;
}

/** Loading a function's modules is part of the bind. */
const BIND_MS = 60_000;

const checkState = checkerOf<AgentState>(AGENT_STATE_SCHEMA);
const checkBind = checkerOf<BindAnswer>(BIND_ANSWER_SCHEMA);
const checkMeter = checkerOf<MeterReading>(METER_SCHEMA);

/**
 * `callMs`: for all calls but the bind. One kept connection per VM: the probe that finds a VM generic opens it, the
 * bind finds it open.
 */
export function createAgentClient(signer: Signer, callMs: number): AgentClient {
  const dispatcher = boundedAgent({
    connect: { timeout: 1_000 },
    keepAliveTimeout: 60_000,
    keepAliveMaxTimeout: 120_000,
    connections: 2,
    pipelining: 1,
  });
  const call = async <T>(target: AgentTarget, call: Call<T>): Promise<T> => {
    const { method, path, check, signedBytes, body, timeoutMs = callMs } = call;
    const { vmId } = target;
    const headers =
      signedBytes === undefined
        ? {}
        : { [HEADERS.signature]: signer.sign({ method, path, vmId, body: signedBytes }) };
    const answer = await send(dispatcher, target, { method, path, headers, body, timeoutMs });
    return accept(answer, check);
  };
  const callOwn = async <T extends { readonly vmId: string }>(
    target: AgentTarget,
    options: Call<T>,
  ): Promise<T> => {
    const answer = await call(target, options);
    if (answer.vmId === target.vmId) return answer;
    throw new AgentError(200, 'WrongVm', `another VM answers at ${target.address}`);
  };
  return {
    state: (target) => callOwn(target, { method: 'GET', path: CONTROL.state, check: checkState }),
    bind: (target, manifest, body) =>
      call(target, {
        ...{ method: 'POST', path: CONTROL.bind, check: checkBind, signedBytes: manifest },
        ...{ body: Buffer.concat(body), timeoutMs: BIND_MS },
      }),
    drain: (target) =>
      callOwn(target, {
        ...{ method: 'POST', path: CONTROL.drain, check: checkState, signedBytes: NOTHING },
      }),
    meter: (target) =>
      callOwn(target, {
        ...{ method: 'GET', path: CONTROL.meter, check: checkMeter, signedBytes: NOTHING },
      }),
    accepts: async (target, token) => {
      const headers = { [HEADERS.function]: NO_FUNCTION, [HEADERS.token]: token };
      const call = {
        method: 'GET',
        path: '/',
        headers,
        body: undefined,
        timeoutMs: callMs,
      } as const;
      return (await send(dispatcher, target, call)).status !== 401;
    },
    close: () => dispatcher.destroy(),
  };
}

const NOTHING = Buffer.alloc(0);
/** No Function is called so. Agents look at the token first. */
const NO_FUNCTION = '-';

interface Call<T> {
  readonly method: 'GET' | 'POST';
  readonly path: string;
  readonly check: (value: unknown) => Checked<T>;
  /** What the operator signs, for calls that only it may make. */
  readonly signedBytes?: Buffer;
  readonly body?: Buffer;
  readonly timeoutMs?: number;
}

interface Sent {
  readonly method: 'GET' | 'POST';
  readonly path: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: Buffer | undefined;
  readonly timeoutMs: number;
}

async function send(
  dispatcher: Dispatcher,
  { address }: AgentTarget,
  { path, ...call }: Sent,
): Promise<JsonAnswer> {
  try {
    return await callJson(dispatcher, `http://${address}${path}`, call);
  } catch (cause) {
    const detail = redact(`${call.method} ${path}: ${messageOf(cause)}`);
    throw new AgentError(0, 'NoAnswer', detail, { cause });
  }
}

/** What an agent says is its tenant's word: it is taken if it fits, and cut short where it is text. */
function accept<T>({ status, value }: JsonAnswer, check: (value: unknown) => Checked<T>): T {
  if (status !== 200) throw refusalOf(status, value);
  const checked = check(value);
  if ('value' in checked) return checked.value;
  throw new AgentError(status, 'AnswerInvalid', `the agent's answer is none: ${checked.problem}`);
}

const REASON = /^[A-Z][A-Za-z]{0,63}$/;
const MAX_DETAIL = 1_000;

function refusalOf(status: number, value: unknown): AgentError {
  const { reason, detail } = (value ?? {}) as { reason?: unknown; detail?: unknown };
  return new AgentError(
    status,
    typeof reason === 'string' && REASON.test(reason) ? reason : 'AgentError',
    typeof detail === 'string' ? detail.slice(0, MAX_DETAIL) : `the agent answered ${status}`,
  );
}
