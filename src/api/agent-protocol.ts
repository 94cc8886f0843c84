/**
 * The HTTP contract between operator, gateway and the agent in a VM.
 *
 * A request with the header `osv-faas-function` is an invocation (gateway to
 * agent); every other request is a control call below {@link CONTROL_PREFIX}.
 *
 * Control calls other than health and state carry {@link HEADERS.signature}:
 * base64 of an Ed25519 signature by the operator over {@link signedText}.
 */
export const AGENT_PROTOCOL_VERSION = 1;

export const CONTROL_PREFIX = '/.osv-faas';

export const CONTROL = {
  /** GET, open. 200 as soon as the agent listens. */
  health: `${CONTROL_PREFIX}/health`,
  /** GET, open. {@link AgentState}. */
  state: `${CONTROL_PREFIX}/state`,
  /** POST, signed over the manifest. See {@link BindManifest}. */
  bind: `${CONTROL_PREFIX}/bind`,
  /** POST, signed, no body. Refuses invocations from now on; answers {@link AgentState}. */
  drain: `${CONTROL_PREFIX}/drain`,
  /**
   * POST {@link IdentityCall}, once: makes a restored template a VM of its own. Open, but
   * there only: a template has no key yet that it could ask for.
   */
  identity: `${CONTROL_PREFIX}/identity`,
  /** GET, signed. {@link MeterReading}. */
  meter: `${CONTROL_PREFIX}/meter`,
} as const;

/** All lower case, as Node.js shows them. Gateways drop every `osv-faas-*` header of a client. */
export const HEADERS = {
  /** Name of the Function, without namespace. Its presence makes a request an invocation. */
  function: 'osv-faas-function',
  /** The VM's bearer token. Not `authorization`: that one belongs to the function. */
  token: 'osv-faas-token',
  requestId: 'osv-faas-request-id',
  signature: 'osv-faas-signature',
  /** On every answer that the agent itself made instead of the function: the problem's reason. */
  error: 'osv-faas-error',
} as const;

/** Environment (`--env=` on the kernel command line) that a generic VM starts with. No secret. */
export const AGENT_ENV = {
  vmId: 'OSV_FAAS_VM_ID',
  /** base64url of the raw 32 bytes of the operator's Ed25519 public key. */
  publicKey: 'OSV_FAAS_PUBLIC_KEY',
  port: 'OSV_FAAS_PORT',
  /** Address to listen on; every address when absent. */
  host: 'OSV_FAAS_HOST',
} as const;

/**
 * First line of an identity that comes on a disk of its own (boot Bios), at the begin of a 2,048-byte
 * sector of the guest's second disk. Lines `NAME=value` with the names of {@link AGENT_ENV} follow.
 */
export const IDENTITY_MARK = '#osv-faas-identity';

/** What a VM is told that was restored from a template's snapshot. */
export interface IdentityCall {
  readonly vmId: string;
  /** base64url of the operator's raw Ed25519 public key. */
  readonly publicKey: string;
  /** Base64 of 64 random bytes, for this VM alone. */
  readonly entropy: string;
  /** Milliseconds since the epoch: the guest's own clock stands behind. */
  readonly now: number;
}

/** Id of the VM that is saved and restored: `OSV_FAAS_VM_ID` of a guest without a public key. */
export const TEMPLATE_ID = 'template';

/**
 * What is signed. `body` digest is lower-case hex SHA-256 of the request body,
 * for a bind of the manifest bytes alone (the manifest names the payload's digest).
 */
export function signedText(call: {
  method: string;
  path: string;
  vmId: string;
  sha256: string;
}): string {
  return `${call.method} ${call.path}\n${call.vmId}\n${call.sha256}`;
}

/** How a handler is called; `Auto` finds out from what the module exports. */
export type HandlerSignature = 'Auto' | 'Fetch' | 'Lambda' | 'Node';

export interface BindFile {
  /** Relative to the function's root, `/` between parts, no `.` or `..` parts. */
  readonly path: string;
  /** Bytes; the payload holds the files one after the other in the order of the manifest. */
  readonly size: number;
}

export interface BindFunction {
  readonly name: string;
  /** `path/to/module.export`, the module without extension, as AWS Lambda writes it. */
  readonly handler: string;
  readonly signature: HandlerSignature;
  readonly timeoutMs: number;
  /** Digest of this function's code, for state and logs. */
  readonly digest: string;
  readonly env: Readonly<Record<string, string>>;
  readonly files: readonly BindFile[];
  /** Load (import) before the bind is answered, so that a broken module is known at once. */
  readonly preload: boolean;
}

/**
 * Body of a bind: u32 big-endian length of the manifest, the manifest as JSON,
 * the payload. Bound once; the same application and revision again is answered
 * 200 as if it were the first, anything else 409 with the agent's state.
 */
export interface BindManifest {
  readonly version: typeof AGENT_PROTOCOL_VERSION;
  readonly vmId: string;
  /** Opaque id of the application (domain/application.ts). */
  readonly application: string;
  readonly namespace: string;
  /** Digest over all functions of the application. */
  readonly revision: string;
  readonly slots: number;
  readonly token: string;
  /** The operator's word for whose this VM is (api/binding.ts); the agent shows it and does not read it. */
  readonly binding: string;
  readonly payloadSha256: string;
  readonly functions: readonly BindFunction[];
}

export interface FunctionLoad {
  readonly name: string;
  readonly state: 'unloaded' | 'loaded' | 'failed';
  /** With `failed`: `HandlerNotFound`, `SyntaxError`, `ModuleNotFound` or `LoadFailed`. */
  readonly reason?: string;
  readonly detail?: string;
}

export interface BindAnswer {
  readonly functions: readonly FunctionLoad[];
  /** Milliseconds inside the agent: reading and checking, writing files, loading. */
  readonly phases: { readonly receive: number; readonly write: number; readonly load: number };
}

export interface AgentState {
  readonly version: typeof AGENT_PROTOCOL_VERSION;
  readonly vmId: string;
  readonly state: 'generic' | 'binding' | 'bound' | 'draining';
  readonly application?: string;
  readonly revision?: string;
  readonly slots?: number;
  /** As the bind brought it. What stands beside it is the tenant's word. */
  readonly binding?: string;
  readonly inFlight: number;
  readonly functions: readonly FunctionLoad[];
  /** Milliseconds since the agent's process started, or since it was restored. */
  readonly uptimeMs: number;
  /** False until the first bind and invocation would find all loaded that they need; absent where an agent does not say. */
  readonly warm?: boolean;
  /** Set when user code broke the VM; the operator replaces it. */
  readonly broken?: string;
}

export interface FunctionMeter {
  readonly name: string;
  readonly invocations: number;
  readonly errors: number;
  /** Milliseconds of CPU that could be told to be this function's; best effort, see docs. */
  readonly cpuMs: number;
  /** Wall milliseconds, summed over invocations. */
  readonly wallMs: number;
}

/** Totals since the agent started; they only grow. */
export interface MeterReading {
  readonly vmId: string;
  readonly uptimeMs: number;
  /** CPU of the whole guest process, bring-up included. */
  readonly cpuMs: number;
  /** CPU until the bind: the bring-up's share. */
  readonly cpuBeforeBindMs: number;
  /** Share of time that the event loop was busy since the bind, 0 to 1. */
  readonly eventLoopUtilization: number;
  readonly heapBytes: number;
  readonly functions: readonly FunctionMeter[];
}
