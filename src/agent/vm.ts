import type { AgentState, BindAnswer, BindManifest } from '../api/agent-protocol.ts';
import { AGENT_PROTOCOL_VERSION } from '../api/agent-protocol.ts';
import type { HostedFunction } from './function.ts';
import type { Identity } from './identity/identity.ts';
import type { Invocation } from './invoke/invocation.ts';
import { Meter } from './meter.ts';

/** What a bind made of this VM, for the rest of its life. */
export interface Binding {
  readonly application: string;
  readonly namespace: string;
  readonly revision: string;
  readonly slots: number;
  readonly token: Buffer;
  /** The operator's signed word for it. */
  readonly signed: string;
  readonly functions: ReadonlyMap<string, HostedFunction>;
  /** The same for a bind that is sent again. */
  readonly answer: Promise<BindAnswer>;
}

/** State of this VM. It goes from generic over binding to bound, perhaps to draining, and never back once bound. */
export class Vm {
  readonly meter = new Meter();
  /** Each holds a slot. */
  readonly running = new Set<Invocation>();
  /** Called when user code has broken this VM. */
  onBroken: () => void = () => undefined;
  /** What every function of its own could wait for has been done once. */
  warm = false;
  readonly #identity: Identity;
  #phase: 'generic' | 'binding' | 'bound' = 'generic';
  #draining = false;
  #binding: Binding | undefined;
  #broken: string | undefined;

  constructor(identity: Identity) {
    this.#identity = identity;
  }

  get id(): string {
    return this.#identity.vmId;
  }

  get phase(): AgentState['state'] {
    return this.#draining ? 'draining' : this.#phase;
  }

  get binding(): Binding | undefined {
    return this.#binding;
  }

  get broken(): string | undefined {
    return this.#broken;
  }

  get draining(): boolean {
    return this.#draining;
  }

  get full(): boolean {
    return this.running.size >= (this.#binding?.slots ?? 0);
  }

  /** False when a bind is under way or done: only a generic VM begins one. */
  beginBind(): boolean {
    if (this.#phase !== 'generic' || this.#draining) {
      return false;
    }
    this.#phase = 'binding';
    return true;
  }

  /** The bind failed and left nothing behind. */
  abandonBind(): void {
    this.#phase = 'generic';
  }

  completeBind(binding: Binding): void {
    this.#phase = 'bound';
    this.#binding = binding;
    this.meter.markBound();
  }

  drain(): void {
    this.#draining = true;
  }

  /** The first cause stays. */
  markBroken(cause: string): void {
    if (this.#broken === undefined) {
      this.#broken = cause;
      this.onBroken();
    }
  }

  isSameBind(manifest: BindManifest): boolean {
    return (
      this.#binding?.application === manifest.application &&
      this.#binding.revision === manifest.revision
    );
  }

  get state(): AgentState {
    const binding = this.#binding;
    return {
      version: AGENT_PROTOCOL_VERSION,
      vmId: this.id,
      state: this.phase,
      ...(binding === undefined
        ? {}
        : {
            application: binding.application,
            revision: binding.revision,
            slots: binding.slots,
            binding: binding.signed,
          }),
      inFlight: this.running.size,
      functions: [...(binding?.functions.values() ?? [])].map((fn) => fn.status),
      uptimeMs: Math.round(this.meter.uptimeMs()),
      warm: this.warm,
      ...(this.#broken === undefined ? {} : { broken: this.#broken }),
    };
  }
}
