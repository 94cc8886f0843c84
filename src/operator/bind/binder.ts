import type { BindAnswer, FunctionLoad } from '../../api/agent-protocol.ts';
import type { Clock } from '../../runtime/clock.ts';
import { messageOf } from '../../runtime/errors.ts';
import type { Logger } from '../../runtime/log.ts';
import { AgentError, type AgentClient, type AgentTarget } from '../agents/client.ts';
import type { Tokens } from '../agents/tokens.ts';
import type { Signer } from '../agents/signer.ts';
import type { Fleet } from '../vms/fleet.ts';
import type { Binding, Vm } from '../vms/vm.ts';
import { owned } from '../functions/own.ts';
import { redactedLoad, type Bundle } from './bundle.ts';
import { bindRequest } from './request.ts';

export type BindOutcome =
  | { readonly kind: 'bound'; readonly vm: Vm; readonly phases: Readonly<Record<string, number>> }
  /** It was not wanted for how the functions loaded. */
  | { readonly kind: 'rejected'; readonly reason: 'LoadFailed' }
  /** This VM is lost, another may do. */
  | { readonly kind: 'failed'; readonly reason: string; readonly detail: string }
  /** No VM will take it: the bundle itself was refused. */
  | { readonly kind: 'refused'; readonly reason: string; readonly detail: string };

export type Takes = (loads: readonly FunctionLoad[]) => boolean;

export interface BinderOptions {
  readonly fleet: Fleet;
  readonly agents: AgentClient;
  readonly signer: Signer;
  readonly tokens: Tokens;
  readonly clock: Clock;
  readonly log: Logger;
}

/** Refusals that follow from what is sent, not from the VM that it is sent to. */
const BUNDLE_REFUSALS = new Set([
  'ManifestInvalid',
  'ManifestTooLarge',
  'PayloadTooLarge',
  'DiskFull',
]);

/**
 * Gives generic VMs to applications. The first valid bind wins, for ever: where
 * the end of a bind is unclear the agent is asked, and a VM whose binding
 * cannot be accounted for is deleted (invariant I1). Nothing here writes to the API server.
 */
export class Binder {
  readonly #options: BinderOptions;

  constructor(options: BinderOptions) {
    this.#options = options;
  }

  /**
   * `vm` must be generic; from here on it is the application's, or deleted.
   * @param takes whether it may serve, with its functions loaded like that: asked before anything sees it bound
   */
  async bind(vm: Vm, bundle: Bundle, takes: Takes): Promise<BindOutcome> {
    const { fleet } = this.#options;
    const binding = this.#bindingOf(bundle);
    const taken = fleet.move(vm.key, ['generic'], 'binding', { binding });
    if (taken?.address === undefined) {
      return { kind: 'failed', reason: 'VmGone', detail: `${vm.key} is no longer generic` };
    }
    const target = { address: taken.address, vmId: vm.vmId };
    const started = performance.now();
    try {
      const answer = await this.#send(target, bundle, binding);
      const functions = loadsOf(answer, bundle);
      if (!takes(functions)) {
        fleet.move(vm.key, ['binding'], 'deleting', { reason: 'RevisionRejected' });
        return { kind: 'rejected', reason: 'LoadFailed' };
      }
      return this.#bound(
        taken,
        { ...binding, functions },
        {
          request: performance.now() - started,
          ...answer.phases,
        },
      );
    } catch (error) {
      return this.#lost(taken, bundle, error);
    }
  }

  async #send(target: AgentTarget, bundle: Bundle, binding: Binding): Promise<BindAnswer> {
    const { agents, signer, tokens } = this.#options;
    const { application, revision, slots, tokenKey, boundAt } = binding;
    const { vmId } = target;
    const { manifest, body } = bindRequest(bundle, {
      vmId,
      token: tokens.tokenOf(vmId, application, tokenKey),
      binding: signer.signBinding({ vmId, application, revision, slots, tokenKey, boundAt }),
    });
    try {
      return await agents.bind(target, manifest, body);
    } catch (error) {
      if (!(error instanceof AgentError) || error.status !== 0) throw error;
      // A kept connection may close under a request. The same bind again is answered as if it were the first.
      return agents.bind(target, manifest, body);
    }
  }

  #bindingOf({ application, revision, slots }: Bundle): Binding {
    const { tokens, clock } = this.#options;
    const { keyId: tokenKey } = tokens;
    return { application, revision, slots, tokenKey, boundAt: clock.now(), functions: [] };
  }

  #bound(vm: Vm, binding: Binding, phases: Readonly<Record<string, number>>): BindOutcome {
    const bound = this.#options.fleet.move(vm.key, ['binding'], 'bound', { binding });
    return bound === undefined
      ? { kind: 'failed', reason: 'VmGone', detail: `${vm.key} went while it was being bound` }
      : { kind: 'bound', vm: bound, phases };
  }

  #lost(vm: Vm, bundle: Bundle, error: unknown): BindOutcome {
    const reason = error instanceof AgentError ? error.reason : 'BindFailed';
    const detail = bundle.redact(messageOf(error));
    this.#options.log.warn('bind failed', { vm: vm.key, reason, detail });
    this.#options.fleet.move(vm.key, ['binding'], 'deleting', { reason: 'BindFailed' });
    return { kind: BUNDLE_REFUSALS.has(reason) ? 'refused' : 'failed', reason, detail };
  }
}

function loadsOf({ functions }: BindAnswer, bundle: Bundle): readonly FunctionLoad[] {
  const own = owned(functions, (name) => bundle.names.has(name));
  return own.map((load) => redactedLoad(load, bundle));
}
