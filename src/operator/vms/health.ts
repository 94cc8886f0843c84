import type { Clock } from '../../runtime/clock.ts';
import type { Logger } from '../../runtime/log.ts';
import type { AgentClient } from '../agents/client.ts';
import type { UsageBook } from '../usage/book.ts';
import type { Fleet } from './fleet.ts';
import type { Vm } from './vm.ts';

const PERIOD_MS = 10_000;
/** Rounds without an answer after which a VM is taken for dead. */
const STRIKES = 3;

export interface HealthOptions {
  readonly fleet: Fleet;
  readonly agents: AgentClient;
  readonly usage: UsageBook;
  readonly clock: Clock;
  readonly log: Logger;
}

/**
 * Looks after VMs that are up: every ten seconds, and at once after a gateway's
 * suspicion. A broken or silent VM is deleted; a bound one is read for usage.
 */
export class Health {
  readonly #options: HealthOptions;
  readonly #strikes = new Map<string, number>();
  readonly #checks = new Map<string, Promise<void>>();

  constructor(options: HealthOptions) {
    this.#options = options;
    options.fleet.on((vm, before) => {
      if (vm === undefined && before !== undefined) this.#strikes.delete(before.key);
    });
  }

  async run(signal: AbortSignal): Promise<void> {
    const { fleet, clock } = this.#options;
    while (!signal.aborted) {
      await clock.sleep(PERIOD_MS, signal).catch(() => undefined);
      const up = fleet.all().filter((vm) => vm.stage === 'generic' || vm.stage === 'bound');
      await Promise.all(up.map((vm) => this.check(vm.key)));
    }
  }

  /** Never rejects. Ten suspicions at a time are one question, and one strike. */
  check(key: string): Promise<void> {
    const running = this.#checks.get(key);
    if (running !== undefined) return running;
    const check = this.#check(key).finally(() => this.#checks.delete(key));
    this.#checks.set(key, check);
    return check;
  }

  async #check(key: string): Promise<void> {
    const { fleet, agents, usage, log } = this.#options;
    const vm = fleet.get(key);
    if (vm?.address === undefined) return;
    const target = { address: vm.address, vmId: vm.vmId };
    try {
      const state = await agents.state(target);
      this.#strikes.delete(key);
      if (state.broken !== undefined) this.#giveUp(vm, 'Broken', state.broken);
      else if (vm.binding !== undefined) {
        usage.read(vm.binding.application, await agents.meter(target), false);
      }
    } catch (error) {
      const strikes = (this.#strikes.get(key) ?? 0) + 1;
      this.#strikes.set(key, strikes);
      log.warn('agent does not answer', { vm: key, strikes, error });
      if (strikes >= STRIKES) this.#giveUp(vm, 'NoAnswer', 'the agent does not answer');
    }
  }

  #giveUp(vm: Vm, reason: string, detail: string): void {
    this.#options.log.warn('vm given up', { vm: vm.key, reason, detail });
    this.#options.fleet.move(vm.key, ['generic', 'bound', 'draining'], 'deleting', { reason });
  }
}
