import { Agent, request, type Dispatcher } from 'undici';
import {
  CONTROL,
  HEADERS,
  type AgentState,
  type BindAnswer,
  type MeterReading,
} from '../../api/agent-protocol.ts';
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

/** Every call rejects with an {@link AgentError}. */
export interface AgentClient {
  state(target: AgentTarget): Promise<AgentState>;
  /** `manifest` is what is signed; `body` holds it with its length and the payload. */
  bind(target: AgentTarget, manifest: Buffer, body: readonly Buffer[]): Promise<BindAnswer>;
  drain(target: AgentTarget): Promise<AgentState>;
  meter(target: AgentTarget): Promise<MeterReading>;
  close(): Promise<void>;
}

/** Loading a function's modules is part of the bind. */
const BIND_MS = 60_000;

/**
 * `callMs`: for all calls but the bind. One kept connection per VM: the probe that finds a VM generic opens it, the
 * bind finds it open.
 */
export function createAgentClient(signer: Signer, callMs: number): AgentClient {
  const dispatcher = new Agent({
    connect: { timeout: 1_000 },
    keepAliveTimeout: 60_000,
    keepAliveMaxTimeout: 120_000,
    connections: 2,
    pipelining: 1,
  });
  const call = (
    target: AgentTarget,
    method: 'GET' | 'POST',
    path: string,
    options: CallOptions = {},
  ): Promise<unknown> => send(dispatcher, target, { method, path, timeoutMs: callMs, ...options });
  const signed = (
    target: AgentTarget,
    method: 'GET' | 'POST',
    path: string,
    body?: Buffer,
  ): string =>
    signer.sign({ method, path, vmId: target.vmId, ...(body === undefined ? {} : { body }) });
  return {
    state: async (target) => (await call(target, 'GET', CONTROL.state)) as AgentState,
    bind: async (target, manifest, body) => {
      const signature = signed(target, 'POST', CONTROL.bind, manifest);
      const options = { signature, body: Buffer.concat(body), timeoutMs: BIND_MS };
      return (await call(target, 'POST', CONTROL.bind, options)) as BindAnswer;
    },
    drain: async (target) => {
      const signature = signed(target, 'POST', CONTROL.drain);
      return (await call(target, 'POST', CONTROL.drain, { signature })) as AgentState;
    },
    meter: async (target) => {
      const signature = signed(target, 'GET', CONTROL.meter);
      return (await call(target, 'GET', CONTROL.meter, { signature })) as MeterReading;
    },
    close: () => dispatcher.destroy(),
  };
}

interface CallOptions {
  readonly signature?: string;
  readonly body?: Buffer;
  readonly timeoutMs?: number;
}

interface Call extends CallOptions {
  readonly method: 'GET' | 'POST';
  readonly path: string;
  readonly timeoutMs: number;
}

async function send(
  dispatcher: Dispatcher,
  { address }: AgentTarget,
  call: Call,
): Promise<unknown> {
  const { method, path, signature, body, timeoutMs } = call;
  let answer: Dispatcher.ResponseData;
  let text: string;
  try {
    answer = await request(`http://${address}${path}`, {
      method,
      dispatcher,
      headers: signature === undefined ? {} : { [HEADERS.signature]: signature },
      body: body ?? null,
      headersTimeout: timeoutMs,
      bodyTimeout: timeoutMs,
    });
    text = await answer.body.text();
  } catch (cause) {
    const detail = cause instanceof Error ? cause.message : String(cause);
    throw new AgentError(0, 'NoAnswer', `${method} ${address}${path}: ${detail}`, { cause });
  }
  const value = parse(text);
  if (answer.statusCode === 200) return value;
  const { reason = 'AgentError', detail = text.slice(0, 200) } = value as Partial<
    Record<string, string>
  >;
  throw new AgentError(answer.statusCode, reason, detail);
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text) as unknown;
  } catch {
    return {};
  }
}
