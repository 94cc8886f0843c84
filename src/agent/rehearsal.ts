import { createHash, generateKeyPairSync, sign, type KeyObject } from 'node:crypto';
import { once } from 'node:events';
import { mkdirSync } from 'node:fs';
import { connect, type AddressInfo } from 'node:net';
import { tmpdir, totalmem } from 'node:os';
import {
  AGENT_PROTOCOL_VERSION,
  CONTROL,
  HEADERS,
  signedText,
  type BindManifest,
} from '../api/agent-protocol.ts';
import type { ControlContext } from './control/control.ts';
import { removeTree } from './host/remove.ts';
import { createAgentServer, type Listeners } from './http/server.ts';
import { Identity } from './identity/identity.ts';
import { InvocationBook } from './invoke/book.ts';
import { Guard } from './invoke/guard.ts';
import type { Invoker } from './invoke/run.ts';
import { DEFAULT_LIMITS } from './limits.ts';
import { Vm } from './vm.ts';

const ID = 'rehearsal';
const ROUNDS = 3;
/** `Request` brings Node's whole fetch: the smallest VMs have it only if their function asks for it. */
const FETCH_BYTES = 112 * 1024 * 1024;
/** In each function's own folder, as functions have it. */
const MODULE = `export default { fetch: (request) => new Response(request.url) };
export const lambda = (event, context) => ({ statusCode: 200, body: event.rawPath + context.functionName });
`;
const quiet = { info: () => undefined, error: () => undefined, line: () => undefined };
const events = { opened: () => undefined, closed: () => undefined, abandoned: () => undefined };

export type MakeListeners = (invoker: Invoker, context: ControlContext) => Listeners;

/**
 * Binds and calls a function of two lines in a VM that exists for this only, over
 * loopback, with a key of its own: Node loads and compiles on first use, and the
 * first user should not wait for it. Stops as soon as `wanted` says that the
 * real VM has something to do.
 */
export async function rehearse(make: MakeListeners, wanted: () => boolean): Promise<void> {
  const withFetch = totalmem() >= FETCH_BYTES;
  const tmp = `${tmpdir()}/${ID}`;
  mkdirSync(tmp, { recursive: true });
  const { publicKey, privateKey } = generateKeyPairSync('ed25519');
  const server = createAgentServer(DEFAULT_LIMITS, make(...partsOf(publicKey, tmp)));
  try {
    server.listen(0, '127.0.0.1');
    await once(server, 'listening');
    const { port } = server.address() as AddressInfo;
    await call(port, bindCall(privateKey));
    for (let round = 0; round < ROUNDS && !wanted(); round += 1) {
      if (withFetch) await call(port, invocation('fetch'));
      await call(port, invocation('lambda'));
    }
  } finally {
    server.close();
    removeTree(tmp);
  }
}

function partsOf(key: KeyObject, tmp: string): [Invoker, ControlContext] {
  const identity = new Identity(ID, key.export({ format: 'jwk' }).x);
  const vm = new Vm(identity);
  const limits = DEFAULT_LIMITS;
  const book = new InvocationBook({ vm, graceMs: limits.graceMs, log: quiet, events });
  const bound = (): void => undefined;
  return [
    { book, guard: new Guard(book, quiet), limits },
    { vm, identity, bind: { vm, limits, tmp, log: quiet, commonEnv: {}, bound } },
  ];
}

function bindCall(key: KeyObject): Buffer {
  const file = Buffer.from(MODULE);
  const fn = {
    timeoutMs: 1_000,
    digest: ID,
    env: {},
    files: [{ path: 'index.mjs', size: file.length }],
    preload: true,
  };
  const manifest: BindManifest = {
    version: AGENT_PROTOCOL_VERSION,
    vmId: ID,
    application: ID,
    namespace: ID,
    revision: ID,
    slots: 1,
    token: ID,
    binding: ID,
    payloadSha256: sha256(Buffer.concat([file, file])),
    functions: [
      { ...fn, name: 'fetch', handler: 'index.default', signature: 'Fetch' },
      { ...fn, name: 'lambda', handler: 'index.lambda', signature: 'Lambda' },
    ],
  };
  const bytes = Buffer.from(JSON.stringify(manifest));
  const length = Buffer.alloc(4);
  length.writeUInt32BE(bytes.length);
  const text = signedText({ method: 'POST', path: CONTROL.bind, vmId: ID, sha256: sha256(bytes) });
  const signature = sign(null, Buffer.from(text), key).toString('base64');
  const body = Buffer.concat([length, bytes, ...manifest.functions.map(() => file)]);
  return Buffer.concat([
    head('POST', CONTROL.bind, { [HEADERS.signature]: signature }, body),
    body,
  ]);
}

function invocation(name: string): Buffer {
  return head('GET', '/', { [HEADERS.function]: name, [HEADERS.token]: ID });
}

function head(
  method: string,
  path: string,
  headers: Readonly<Record<string, string>>,
  body: Buffer = Buffer.alloc(0),
): Buffer {
  const all = { host: ID, connection: 'close', 'content-length': body.length, ...headers };
  const lines = Object.entries(all).map(([name, value]) => `${name}: ${value}\r\n`);
  return Buffer.from(`${method} ${path} HTTP/1.1\r\n${lines.join('')}\r\n`);
}

/** @throws Error for any answer but 200: a rehearsal that fails prepares nothing */
async function call(port: number, request: Buffer): Promise<void> {
  const socket = connect({ port, host: '127.0.0.1' });
  const answer: string[] = [];
  socket.on('data', (chunk) => answer.push(chunk.toString('latin1')));
  socket.end(request);
  await once(socket, 'close');
  const text = answer.join('');
  if (!text.startsWith('HTTP/1.1 200 ')) throw new Error(`the rehearsal was answered ${text}`);
}

function sha256(bytes: Buffer): string {
  return createHash('sha256').update(bytes).digest('hex');
}
