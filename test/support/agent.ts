/** Drives an agent as operator and gateway do, whatever it is written in and wherever it runs. */
import { createHash, generateKeyPairSync, sign, type KeyObject } from 'node:crypto';
import {
  AGENT_PROTOCOL_VERSION,
  CONTROL,
  HEADERS,
  signedText,
  type AgentState,
  type BindAnswer,
  type BindFunction,
  type BindManifest,
  type MeterReading,
} from '../../src/api/agent-protocol.ts';
import type { Problem } from '../../src/api/problem.ts';
import { request, type Answer, type RequestOptions } from './http.ts';

export interface OperatorKey {
  readonly privateKey: KeyObject;
  /** As the agent gets it: base64url of the raw 32 bytes. */
  readonly publicKey: string;
}

export function operatorKeys(): OperatorKey {
  const { privateKey, publicKey } = generateKeyPairSync('ed25519');
  return { privateKey, publicKey: publicKey.export({ format: 'jwk' }).x ?? '' };
}

/** A running agent that belongs to one test. */
export interface Guest {
  readonly host: string;
  readonly port: number;
  readonly vmId: string;
  readonly keys: OperatorKey;
  /** What it has written so far, one JSON document a line; other lines as `{ raw }`. */
  lines(): readonly LogLine[];
  /** Settles when the VM has ended by itself or was stopped. */
  readonly ended: Promise<unknown>;
  stop(): Promise<void>;
}

export type LogLine = Readonly<Record<string, unknown>>;

/** A function to bind; what is missing is filled in by {@link buildBind}. */
export interface TestFunction extends Partial<Omit<BindFunction, 'files'>> {
  readonly name: string;
  readonly handler: string;
  /** Path to content. */
  readonly files: Readonly<Record<string, string | Buffer>>;
}

export interface BindParts {
  readonly manifest: BindManifest;
  readonly payload: Buffer;
}

export const TOKEN = 'token-of-this-vm';

/** Manifest and payload of a bind of `functions` to the VM `vmId`. */
export function bindParts(
  vmId: string,
  functions: readonly TestFunction[],
  overrides: Partial<BindManifest> = {},
): BindParts {
  const contents = functions.map((fn) =>
    Object.entries(fn.files).map(([path, text]) => ({ path, bytes: Buffer.from(text) })),
  );
  const payload = Buffer.concat(contents.flat().map(({ bytes }) => bytes));
  const manifest: BindManifest = {
    version: AGENT_PROTOCOL_VERSION,
    vmId,
    application: 'tests/app@tests/pool',
    namespace: 'tests',
    revision: 'r1',
    slots: 4,
    token: TOKEN,
    binding: 'the operator’s word',
    payloadSha256: sha256(payload),
    functions: functions.map((fn, index) => ({
      signature: 'Auto',
      timeoutMs: 5_000,
      digest: `digest-of-${fn.name}`,
      env: {},
      preload: true,
      ...fn,
      files: (contents[index] ?? []).map(({ path, bytes }) => ({ path, size: bytes.length })),
    })),
    ...overrides,
  };
  return { manifest, payload };
}

/** The body of a bind: u32 big-endian, manifest, payload. */
export function buildBind({ manifest, payload }: BindParts): Buffer {
  const json = Buffer.from(JSON.stringify(manifest));
  const size = Buffer.alloc(4);
  size.writeUInt32BE(json.length);
  return Buffer.concat([size, json, payload]);
}

export function sha256(bytes: Buffer | string): string {
  return createHash('sha256').update(bytes).digest('hex');
}

export interface ControlCall {
  readonly method: string;
  readonly path: string;
  readonly body?: Buffer;
  /** What is signed over; nothing by default. */
  readonly signedBytes?: Buffer | string;
  /** Whose key signs, by default the operator's that the guest knows. */
  readonly keys?: OperatorKey;
}

/** Base64 of the signature that the call's header carries. */
export function signature(guest: Guest, call: ControlCall): string {
  const { method, path, signedBytes = '' } = call;
  const text = signedText({ method, path, vmId: guest.vmId, sha256: sha256(signedBytes) });
  const { privateKey } = call.keys ?? guest.keys;
  return sign(null, Buffer.from(text), privateKey).toString('base64');
}

export function control(guest: Guest, call: ControlCall): Promise<Answer> {
  const { method, path } = call;
  return request(guest, {
    method,
    path,
    headers: { [HEADERS.signature]: signature(guest, call) },
    ...(call.body === undefined ? {} : { body: call.body }),
  });
}

/** Sends a bind whose manifest is signed. */
export function sendBind(guest: Guest, parts: BindParts, keys?: OperatorKey): Promise<Answer> {
  return control(guest, {
    method: 'POST',
    path: CONTROL.bind,
    body: buildBind(parts),
    signedBytes: JSON.stringify(parts.manifest),
    ...(keys === undefined ? {} : { keys }),
  });
}

/**
 * Binds and expects it to be taken. As the operator does, it sends a bind that got no answer
 * once more: an old passt may reset an upload on a busy machine (docs/adr/0019).
 */
export async function bind(
  guest: Guest,
  functions: readonly TestFunction[],
  overrides: Partial<BindManifest> = {},
): Promise<BindAnswer> {
  const parts = bindParts(guest.vmId, functions, overrides);
  const answer = await sendBind(guest, parts).catch((error: unknown) => {
    console.warn(`bind of ${guest.vmId} is sent again: ${String(error)}`);
    return sendBind(guest, parts);
  });
  if (answer.status !== 200) {
    throw new Error(`bind answered ${answer.status}: ${answer.text}`);
  }
  return JSON.parse(answer.text) as BindAnswer;
}

export function invocation(name: string, options: RequestOptions = {}): RequestOptions {
  return {
    ...options,
    headers: { [HEADERS.function]: name, [HEADERS.token]: TOKEN, ...options.headers },
  };
}

export function invoke(guest: Guest, name: string, options: RequestOptions = {}): Promise<Answer> {
  return request(guest, invocation(name, options));
}

export async function stateOf(guest: Guest): Promise<AgentState> {
  const answer = await request(guest, { path: CONTROL.state });
  return JSON.parse(answer.text) as AgentState;
}

export async function meterOf(guest: Guest): Promise<MeterReading> {
  const answer = await control(guest, { method: 'GET', path: CONTROL.meter });
  return JSON.parse(answer.text) as MeterReading;
}

/** What a test says of an answer: status and, of a problem, its reason. */
export function outcome(answer: Answer): string {
  const type = answer.headers['content-type'];
  if (type !== 'application/problem+json') {
    return String(answer.status);
  }
  const document = JSON.parse(answer.text) as Problem;
  if (document.status !== answer.status || answer.headers[HEADERS.error] !== document.reason) {
    throw new Error(`status line, header and document differ: ${answer.text}`);
  }
  return `${answer.status} ${document.reason}`;
}

/** Waits until `check` holds; fails after `limitMs`. */
export async function eventually(
  check: () => boolean | Promise<boolean>,
  limitMs = 10_000,
): Promise<void> {
  const until = performance.now() + limitMs;
  while (!(await check())) {
    if (performance.now() > until) {
      throw new Error(`did not happen within ${limitMs} ms: ${check.toString()}`);
    }
    await new Promise((resolve) => setTimeout(resolve, 10));
  }
}
