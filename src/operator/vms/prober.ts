import type { Vmi } from '../../api/kubevirt.ts';
import { labelledBinding } from '../../domain/vmi/labels.ts';
import type { Clock } from '../../runtime/clock.ts';
import type { Informer } from '../../runtime/kube.ts';
import type { Logger } from '../../runtime/log.ts';
import type { AgentClient } from '../agents/client.ts';
import type { Tokens } from '../agents/tokens.ts';
import type { Signer } from '../agents/signer.ts';
import { owned, type IsOwn } from '../functions/own.ts';
import { adopt, type Refusal } from './adopt.ts';
import type { Fleet } from './fleet.ts';
import type { Vm } from './vm.ts';

const FIRST_MS = 10;
const SLOWEST_MS = 500;

export interface ProberOptions {
  readonly fleet: Fleet;
  readonly agents: AgentClient;
  readonly vmis: Informer<Vmi>;
  readonly signer: Signer;
  /** Whether the VM may have been given code that no label speaks of yet; undefined while that is not known. */
  readonly reserved: (vm: Vm) => boolean | undefined;
  readonly isOwn: IsOwn;
  readonly tokens: Pick<Tokens, 'knows'>;
  /** A VM's word was not taken, and it is deleted or drained. */
  readonly refused: (reason: Refusal) => void;
  readonly clock: Clock;
  readonly log: Logger;
}

/**
 * Asks the agent of every VM that KubeVirt calls running until it answers:
 * "running" means that a guest was started, not that anything in it is up.
 */
export class Prober {
  readonly #options: ProberOptions;
  readonly #probing = new Map<string, Promise<void>>();

  constructor(options: ProberOptions) {
    this.#options = options;
    options.fleet.on((vm) => {
      if (vm?.stage === 'starting' && vm.address !== undefined) this.#start(vm.key);
    });
  }

  /** Resolves when every VM that is probed now has answered, or after `ms`. */
  async settled(ms: number): Promise<void> {
    const all = Promise.all(this.#probing.values()).then(() => undefined);
    await Promise.race([all, this.#options.clock.sleep(ms)]);
  }

  #start(key: string): void {
    if (this.#probing.has(key)) return;
    const probe = this.#probe(key).finally(() => this.#probing.delete(key));
    this.#probing.set(key, probe);
  }

  async #probe(key: string): Promise<void> {
    const { fleet, clock } = this.#options;
    for (let waitMs = FIRST_MS; ; waitMs = Math.min(2 * waitMs, SLOWEST_MS)) {
      const vm = fleet.get(key);
      if (vm?.stage !== 'starting' || vm.address === undefined) return;
      if (await this.#ask(vm, vm.address)) return;
      await clock.sleep(waitMs);
    }
  }

  /** Whether the question is settled. */
  async #ask(vm: Vm, address: string): Promise<boolean> {
    const { fleet, agents, signer, tokens, reserved, isOwn, refused, log } = this.#options;
    const answer = await agents.state({ address, vmId: vm.vmId }).catch(() => undefined);
    const mayHoldCode = reserved(vm);
    if (answer === undefined || mayHoldCode === undefined) return false;
    const vmi = this.#options.vmis.get(vm.key);
    const claim = signer.readBinding(answer.binding);
    const functions = owned(answer.functions, (name) => isOwn(claim?.application ?? '', name));
    const adoption = adopt({
      vm,
      answer: { ...answer, functions },
      claim,
      label: vmi === undefined ? undefined : labelledBinding(vmi, vm.pool),
      reserved: mayHoldCode,
      knowsKey: tokens.knows,
    });
    switch (adoption.kind) {
      case 'again':
        return false;
      case 'generic':
        fleet.move(vm.key, ['starting'], 'generic');
        return true;
      case 'bound':
        if (adoption.reason !== undefined) refused(adoption.reason);
        fleet.move(vm.key, ['starting'], adoption.stage, { binding: adoption.binding });
        return true;
      case 'delete':
        log.warn('vm given up', { vm: vm.key, reason: adoption.reason });
        refused(adoption.reason);
        fleet.move(vm.key, ['starting'], 'deleting', { reason: adoption.reason });
        return true;
    }
  }
}
