import { createHash } from 'node:crypto';
import { mkdirSync, writeFileSync } from 'node:fs';
import type { BindAnswer, BindFunction, BindManifest } from '../../api/agent-protocol.ts';
import { HostedFunction } from '../function.ts';
import type { Log } from '../host/log.ts';
import { removeTree } from '../host/remove.ts';
import type { Limits } from '../limits.ts';
import { LoadFailure } from '../load/failure.ts';
import type { Handler } from '../load/handler.ts';
import { loadFunction } from '../load/module.ts';
import { Refusal } from '../refusal.ts';
import type { Vm } from '../vm.ts';
import { parseManifest, payloadSize } from './manifest.ts';
import { BodyReader } from './reader.ts';
import { Unpacker } from './unpack.ts';

export interface BindContext {
  readonly vm: Vm;
  readonly limits: Limits;
  /** Folder for a temporary folder of the functions' files. */
  readonly tmp: string;
  /** Whether the operator signed a manifest of this digest. */
  isSigned(sha256: string): boolean;
  readonly log: Log;
  /** What every function's environment begins with. */
  readonly commonEnv: Readonly<Record<string, string>>;
  /** Called once, when the files are in place and before any of the functions loads. */
  bound(functions: readonly HostedFunction[]): void;
}

/**
 * Reads a bind from `body` and carries it out. All or nothing: until the last
 * byte was checked the VM is `binding`; a failure leaves it generic with nothing
 * on its disk. A function that does not load is no failure, the answer says so.
 */
export async function bind(context: BindContext, body: AsyncIterable<Buffer>): Promise<BindAnswer> {
  const { vm, limits } = context;
  const startedAt = performance.now();
  const reader = new BodyReader(body);
  const manifest = await readManifest(context, reader);
  if (manifest.vmId !== vm.id) {
    throw new Refusal(403, 'WrongVm', `This VM is ${vm.id}, the bind is for ${manifest.vmId}.`);
  }
  if (vm.binding !== undefined && vm.isSameBind(manifest)) {
    return vm.binding.answer;
  }
  if (payloadSize(manifest) > limits.payloadBytes) {
    const detail = `The files have ${payloadSize(manifest)} bytes, ${limits.payloadBytes} are allowed.`;
    throw new Refusal(413, 'PayloadTooLarge', detail);
  }
  if (!vm.beginBind()) {
    throw new Refusal(
      409,
      'AlreadyBound',
      'This VM is bound already, or is being bound or drained.',
    );
  }
  let writeMs: number;
  try {
    writeMs = await receive(manifest, reader, context.tmp);
  } catch (error) {
    undo(vm, context.tmp);
    throw asRefusal(error);
  }
  return complete(context, manifest, {
    receive: performance.now() - startedAt - writeMs,
    write: writeMs,
  });
}

async function readManifest(context: BindContext, reader: BodyReader): Promise<BindManifest> {
  const { limits } = context;
  const size = (await reader.take(4)).readUInt32BE();
  if (size > limits.manifestBytes) {
    const detail = `The manifest has ${size} bytes, ${limits.manifestBytes} are allowed.`;
    throw new Refusal(413, 'ManifestTooLarge', detail);
  }
  const bytes = await reader.take(size);
  if (!context.isSigned(createHash('sha256').update(bytes).digest('hex'))) {
    throw new Refusal(401, 'SignatureInvalid', 'The operator did not sign this call to this VM.');
  }
  return parseManifest(bytes.toString('utf8'), limits);
}

/** Writes the payload as it arrives; returns the milliseconds spent on writing. */
async function receive(manifest: BindManifest, reader: BodyReader, tmp: string): Promise<number> {
  let writeMs = 0;
  const timed = <T>(work: () => T): T => {
    const from = performance.now();
    const result = work();
    writeMs += performance.now() - from;
    return result;
  };
  const hash = createHash('sha256');
  const unpacker = timed(() => {
    prepareHome(tmp);
    return new Unpacker(planOf(manifest, tmp));
  });
  try {
    for (let chunk = await reader.chunk(); chunk !== undefined; chunk = await reader.chunk()) {
      const bytes = chunk;
      hash.update(bytes);
      timed(() => {
        unpacker.write(bytes);
      });
    }
  } finally {
    unpacker.close();
  }
  if (!unpacker.complete) {
    throw new Refusal(400, 'BodyTruncated', 'The payload ends before the last file is complete.');
  }
  if (hash.digest('hex') !== manifest.payloadSha256) {
    throw new Refusal(
      400,
      'DigestMismatch',
      'The payload has not the digest that the manifest names.',
    );
  }
  return writeMs;
}

function asRefusal(error: unknown): unknown {
  if (error instanceof RangeError) {
    return new Refusal(400, 'PayloadTooLong', 'The payload goes on after the last file.');
  }
  const code = (error as NodeJS.ErrnoException).code;
  return code === 'ENOSPC'
    ? new Refusal(507, 'DiskFull', 'The files do not fit into this VM.')
    : error;
}

function planOf(manifest: BindManifest, tmp: string): { path: string; size: number }[] {
  return manifest.functions.flatMap((fn) =>
    fn.files.map((file) => ({ path: `${rootOf(fn, tmp)}/${file.path}`, size: file.size })),
  );
}

function homeOf(tmp: string): string {
  return `${tmp}/osv-faas`;
}

function rootOf(fn: BindFunction, tmp: string): string {
  return `${homeOf(tmp)}/code/${fn.name}`;
}

/** Ends the way up on which Node looks for the package that a module belongs to. */
function prepareHome(tmp: string): void {
  mkdirSync(homeOf(tmp));
  writeFileSync(`${homeOf(tmp)}/package.json`, '{}');
}

function undo(vm: Vm, tmp: string): void {
  try {
    removeTree(homeOf(tmp));
    vm.abandonBind();
  } catch (error) {
    vm.markBroken(`a failed bind left files behind: ${(error as Error).message}`);
  }
}

/** V8 knows the zone of the process, which is the VM's. */
function sayZone({ name, variables }: HostedFunction, { log, commonEnv }: BindContext): void {
  const { TZ: wanted } = variables;
  const { TZ: zone = '' } = commonEnv;
  if (wanted === undefined || wanted === zone) return;
  const message = `TZ ${wanted} has no effect on dates: the VM's zone is ${zone}`;
  log.line('warn', message, { source: 'agent', function: name });
}

function complete(
  context: BindContext,
  manifest: BindManifest,
  times: { receive: number; write: number },
): Promise<BindAnswer> {
  const functions = manifest.functions.map(
    (spec) =>
      new HostedFunction(
        spec,
        rootOf(spec, context.tmp),
        (fn) => loadLogged(fn, context),
        context.commonEnv,
      ),
  );
  const { application, namespace, revision, slots } = manifest;
  const loaded = Promise.withResolvers<BindAnswer>();
  context.vm.completeBind({
    application,
    namespace,
    revision,
    slots,
    token: Buffer.from(manifest.token),
    signed: manifest.binding,
    functions: new Map(functions.map((fn) => [fn.name, fn])),
    answer: loaded.promise,
  });
  for (const fn of functions) sayZone(fn, context);
  context.bound(functions);
  loaded.resolve(preload(functions, times));
  return loaded.promise;
}

async function loadLogged(fn: HostedFunction, { limits, log }: BindContext): Promise<Handler> {
  try {
    return await loadFunction(fn, limits.loadMs);
  } catch (error) {
    const cause = error instanceof LoadFailure ? (error.cause ?? error) : error;
    log.error('the function cannot be loaded', { function: fn.name, error: cause });
    throw error;
  }
}

/** Loads those that ask for it, all at once. */
async function preload(
  functions: readonly HostedFunction[],
  times: { receive: number; write: number },
): Promise<BindAnswer> {
  const startedAt = performance.now();
  await Promise.allSettled(functions.filter((fn) => fn.spec.preload).map((fn) => fn.load()));
  const load = performance.now() - startedAt;
  return { functions: functions.map((fn) => fn.status), phases: { ...times, load } };
}
