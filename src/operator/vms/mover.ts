import type { AgentState } from '../../api/agent-protocol.ts';
import type { Clock } from '../../runtime/clock.ts';
import type { Logger } from '../../runtime/log.ts';
import type { AgentClient } from '../agents/client.ts';
import type { Signer } from '../agents/signer.ts';
import type { Fleet } from './fleet.ts';
import type { Vm } from './vm.ts';

const FIRST_MS = 10;
const SLOWEST_MS = 1_000;
/** A VM that was not found again by then is replaced. */
const LOST_MS = 10_000;

export interface MoverOptions {
  readonly fleet: Fleet;
  readonly agents: Pick<AgentClient, 'state'>;
  readonly signer: Pick<Signer, 'readBinding'>;
  readonly clock: Clock;
  readonly log: Logger;
}

/**
 * Finds VMs again whose address has changed, as it does with a migration: its agent must answer
 * at the new address, and show the binding that the operator signed, before it is used there.
 */
export class Mover {
  readonly #options: MoverOptions;
  readonly #seeking = new Set<string>();

  constructor(options: MoverOptions) {
    this.#options = options;
    options.fleet.on((vm) => {
      if (vm?.movedTo === undefined || this.#seeking.has(vm.key)) return;
      this.#seeking.add(vm.key);
      void this.#seek(vm.key).finally(() => this.#seeking.delete(vm.key));
    });
  }

  async #seek(key: string): Promise<void> {
    const { fleet, clock, log } = this.#options;
    const until = clock.now() + LOST_MS;
    for (let waitMs = FIRST_MS; ; waitMs = Math.min(2 * waitMs, SLOWEST_MS)) {
      const { stage, movedTo } = fleet.get(key) ?? {};
      if (stage === undefined || stage === 'deleting' || movedTo === undefined) return;
      if (await this.#isAt(key, movedTo)) return;
      if (clock.now() >= until) break;
      await clock.sleep(waitMs);
    }
    log.warn('vm given up', { vm: key, reason: 'Moved', detail: 'no answer where it is now' });
    // What it still answers where it was may come to its end there.
    fleet.move(key, ['bound'], 'draining');
    fleet.move(key, ['generic'], 'deleting', { reason: 'Moved' });
  }

  async #isAt(key: string, address: string): Promise<boolean> {
    const { fleet, agents, log } = this.#options;
    const { vmId = '' } = fleet.get(key) ?? {};
    const answer = await agents.state({ address, vmId }).catch(() => undefined);
    const vm = fleet.get(key);
    if (answer === undefined || vm?.movedTo !== address || !this.#isIts(vm, answer)) return false;
    log.info('vm has moved', { vm: key });
    fleet.update(key, { address, movedTo: undefined });
    return true;
  }

  /** Anybody may say that he is this VM; what the operator signed for it only this VM has. */
  #isIts({ vmId, binding }: Vm, answer: AgentState): boolean {
    if (binding === undefined) return true;
    const claim = this.#options.signer.readBinding(answer.binding);
    return claim?.vmId === vmId && claim.application === binding.application;
  }
}
