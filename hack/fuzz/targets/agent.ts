/** What passes between operator and agents: answers as the operator takes them, bindings, and binds as an agent takes them. */
import { createPublicKey, generateKeyPairSync } from 'node:crypto';
import { isDeepStrictEqual } from 'node:util';
import {
  AGENT_STATE_SCHEMA,
  BIND_ANSWER_SCHEMA,
  METER_SCHEMA,
} from '../../../src/api/agent-schema.ts';
import type { AgentState, MeterReading } from '../../../src/api/agent-protocol.ts';
import { parseManifest } from '../../../src/agent/bind/manifest.ts';
import { BodyReader } from '../../../src/agent/bind/reader.ts';
import { DEFAULT_LIMITS } from '../../../src/agent/limits.ts';
import { Refusal } from '../../../src/agent/refusal.ts';
import { readBinding, signBinding } from '../../../src/operator/agents/bindings.ts';
import { checkerOf } from '../../../src/runtime/schema.ts';
import { must, piecesOf, type Input, type Target } from '../target.ts';

const { privateKey } = generateKeyPairSync('ed25519');
const publicKey = createPublicKey(privateKey);
const CLAIM = {
  ...{ vmId: 'v', application: 'a/b@c/d', revision: 'r', slots: 1 },
  ...{ tokenKey: 'k', boundAt: 1, epoch: 1 },
};
const BINDING = signBinding(privateKey, CLAIM);
const STATE = {
  ...{ version: 1, vmId: 'v', state: 'bound', inFlight: 0, uptimeMs: 1.5, binding: BINDING },
  functions: [{ name: 'f', state: 'failed', reason: 'LoadFailed', detail: 'd' }],
};
const METER = {
  ...{ vmId: 'v', uptimeMs: 1, cpuMs: 2, cpuBeforeBindMs: 1, eventLoopUtilization: 0.5 },
  heapBytes: 4,
  functions: [{ name: 'f', invocations: 1, errors: 0, cpuMs: 1, wallMs: 2 }],
};
const MANIFEST = {
  ...{ version: 1, vmId: 'v', application: 'a', namespace: 'n', revision: 'r', slots: 1 },
  ...{ token: 't', binding: BINDING, payloadSha256: '0'.repeat(64) },
  functions: [
    {
      ...{ name: 'f', handler: 'index.default', signature: 'Auto', timeoutMs: 1, digest: 'd' },
      ...{ env: { A: 'b' }, files: [{ path: 'a/b.js', size: 3 }], preload: true },
    },
  ],
};

export function open(): Target {
  return {
    seeds: [...[STATE, METER, MANIFEST].map((value) => JSON.stringify(value)), BINDING].map(
      (text) => Buffer.from(text),
    ),
    tokens: [
      ...['{', '}', '[', ']', ',', ':', '"', '\\u0000', '-1', '1e999', '0.5', 'null', 'true', '.'],
      ...['"state":"generic"', '"functions":', '"__proto__":', '"../', '"/', '[[[[[[[[', '{"a":'],
      ...[BINDING, '"binding":', '9007199254740993', '"path":"..', '"size":', '"slots":'],
    ],
    run,
  };
}

const checkState = checkerOf<AgentState>(AGENT_STATE_SCHEMA);
const checkMeter = checkerOf<MeterReading>(METER_SCHEMA);
const checkBind = checkerOf<unknown>(BIND_ANSWER_SCHEMA);

async function run(input: Input): Promise<void> {
  const text = input.bytes.toString('utf8');
  const value = parsed(text);
  for (const check of [checkState, checkMeter, checkBind]) {
    const checked = check(value);
    if ('problem' in checked) must(checked.problem.length <= 300, 'a problem is short');
  }
  const meter = checkMeter(value);
  if ('value' in meter) must(Number.isFinite(meter.value.cpuMs), 'usage is a number');
  const claim = readBinding(publicKey, text);
  must(claim === undefined || isDeepStrictEqual(claim, CLAIM), 'no binding can be made');
  takeManifest(text);
  await takePieces(input);
}

/** Refused with a word about the field; any other error is a fault of the agent. */
function takeManifest(text: string): void {
  try {
    const { functions } = parseManifest(text, DEFAULT_LIMITS);
    const paths = functions.flatMap((fn) => fn.files.map(({ path }) => path));
    must(
      paths.every((path) => !path.split('/').includes('..')),
      'no file leaves its folder',
    );
  } catch (error) {
    if (!(error instanceof Refusal)) throw error;
  }
}

/** Exact pieces come out, however they went in. */
async function takePieces(input: Input): Promise<void> {
  const reader = new BodyReader(stream(input));
  const size = Math.min(4, input.bytes.length);
  const first = await reader.take(size);
  const rest: Buffer[] = [];
  for (let chunk = await reader.chunk(); chunk !== undefined; chunk = await reader.chunk()) {
    rest.push(chunk);
  }
  must(Buffer.concat([first, ...rest]).equals(input.bytes), 'all that went in comes out');
}

/** As a body is read. */
function stream(input: Input): AsyncIterable<Buffer> {
  const pieces = piecesOf(input);
  return { [Symbol.asyncIterator]: () => ({ next: () => Promise.resolve(pieces.next()) }) };
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
