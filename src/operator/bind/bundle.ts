import { createHash } from 'node:crypto';
import type { BindFunction, FunctionLoad, HandlerSignature } from '../../api/agent-protocol.ts';
import { redactorOf, type Redact } from '../../domain/redact.ts';
import { canonical } from '../../domain/vmi/revision.ts';

export interface SourceFile {
  readonly path: string;
  readonly content: Buffer;
}

/** A Function whose source and environment are at hand. */
export interface ResolvedFunction {
  readonly name: string;
  readonly handler: string;
  readonly signature: HandlerSignature;
  readonly timeoutMs: number;
  /** `sha256:…` of the files. */
  readonly digest: string;
  readonly files: readonly SourceFile[];
  readonly env: Readonly<Record<string, string>>;
}

/** All that a VM of the application is given, ready to be sent many times. */
export interface Bundle {
  readonly application: string;
  readonly namespace: string;
  /** Digest of code, settings and environment of all functions, and of the slots. */
  readonly revision: string;
  readonly slots: number;
  readonly payload: Buffer;
  readonly payloadSha256: string;
  /** `BindFunction[]` as JSON: the large part of each manifest, made once. */
  readonly functionsJson: string;
  /** Of its functions. */
  readonly names: ReadonlySet<string>;
  /** For what its VMs say: tenants' words, which may repeat what stands in their environment. */
  readonly redact: Redact;
}

export function bundleOf(
  application: { readonly id: string; readonly namespace: string },
  functions: readonly ResolvedFunction[],
  slots: number,
): Bundle {
  const sorted = functions.toSorted((a, b) => (a.name < b.name ? -1 : 1));
  const payload = Buffer.concat(sorted.flatMap((fn) => fn.files.map((file) => file.content)));
  const described = sorted.map(bindFunction);
  return {
    application: application.id,
    namespace: application.namespace,
    revision: `sha256:${sha256(canonical({ slots, described }))}`,
    slots,
    payload,
    payloadSha256: sha256(payload),
    functionsJson: JSON.stringify(described),
    names: new Set(sorted.map((fn) => fn.name)),
    redact: redactorOf(sorted.flatMap((fn) => Object.values(fn.env))),
  };
}

/** A longer one is cut short: it stands in conditions. */
const MAX_DETAIL = 1_000;

/** What a VM said of loading a function, fit for conditions and logs. */
export function redactedLoad(load: FunctionLoad, { redact }: Bundle): FunctionLoad {
  return load.detail === undefined
    ? load
    : { ...load, detail: redact(load.detail).slice(0, MAX_DETAIL) };
}

/** Digest of files whatever their order: paths, sizes and contents. */
export function digestOf(files: readonly SourceFile[]): string {
  const hash = createHash('sha256');
  for (const { path, content } of files.toSorted((a, b) => (a.path < b.path ? -1 : 1))) {
    hash.update(`${path}\0${content.length}\0`).update(content);
  }
  return `sha256:${hash.digest('hex')}`;
}

function bindFunction(fn: ResolvedFunction): BindFunction {
  return {
    name: fn.name,
    handler: fn.handler,
    signature: fn.signature,
    timeoutMs: fn.timeoutMs,
    digest: fn.digest,
    env: fn.env,
    files: fn.files.map(({ path, content }) => ({ path, size: content.length })),
    preload: true,
  };
}

function sha256(content: string | Buffer): string {
  return createHash('sha256').update(content).digest('hex');
}
