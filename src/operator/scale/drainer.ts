import type { Clock } from '../../runtime/clock.ts';
import type { Logger } from '../../runtime/log.ts';
import type { AgentClient, AgentTarget } from '../agents/client.ts';
import type { EndpointPublisher } from '../stream/endpoint-publisher.ts';
import type { UsageBook } from '../usage/book.ts';
import type { Fleet } from '../vms/fleet.ts';
import type { Vm } from '../vms/vm.ts';

export interface DrainerOptions {
  readonly fleet: Fleet;
  readonly publisher: EndpointPublisher;
  readonly agents: AgentClient;
  readonly usage: UsageBook;
  readonly clock: Clock;
  readonly log: Logger;
}

const POLL_MS = 100;
const SLOWEST_POLL_MS = 2_000;
/** Questions without an answer after which a draining VM is taken for dead. */
const STRIKES = 5;
/** A gateway that does not release is overruled: the agent refuses its requests, which is safe to retry. */
const RELEASE_MS = 10_000;
/** No invocation may take longer (an hour is the most that a Function may ask for): what is said to be in flight then is not. */
const LONGEST_MS = 3_660_000;

/**
 * Takes a bound VM out of service so that nothing is lost (invariant I4): no
 * gateway sends to it, the agent refuses what comes nevertheless, nothing is
 * in flight, the meter is read; then it is deleted.
 */
export class Drainer {
  readonly #options: DrainerOptions;
  readonly #draining = new Set<string>();
  #running = false;

  constructor(options: DrainerOptions) {
    this.#options = options;
    options.fleet.on((vm) => {
      if (vm !== undefined) this.#take(vm);
    });
  }

  /** Goes on with what it finds draining, as after a restart. */
  start(): void {
    this.#running = true;
    for (const vm of this.#options.fleet.all()) this.#take(vm);
  }

  /** What is draining now is the next operator's. */
  stop(): void {
    this.#running = false;
  }

  drain(vm: Vm): void {
    this.#options.fleet.move(vm.key, ['bound'], 'draining');
  }

  #take(vm: Vm): void {
    if (!this.#running || vm.stage !== 'draining' || this.#draining.has(vm.key)) return;
    this.#draining.add(vm.key);
    void this.#end(vm);
  }

  async #end(vm: Vm): Promise<void> {
    const { fleet, log } = this.#options;
    const reason = await this.#run(vm).catch((error: unknown) => {
      log.error('drain failed', { vm: vm.key, error });
      return 'DrainFailed';
    });
    this.#draining.delete(vm.key);
    if (this.#running) fleet.move(vm.key, ['draining'], 'deleting', { reason });
  }

  /** Why the VM can go. */
  async #run({ key, vmId, binding }: Vm): Promise<string> {
    const { publisher, usage, agents, clock } = this.#options;
    if (binding === undefined || this.#targetOf(key) === undefined) return 'NoAnswer';
    await Promise.race([publisher.withdraw(binding.application, vmId), clock.sleep(RELEASE_MS)]);
    const reason = await this.#empty(key);
    const target = this.#targetOf(key);
    if (reason === 'Idle' && target !== undefined) {
      const reading = await agents.meter(target).catch(() => undefined);
      if (reading !== undefined) usage.read(binding.application, reading, true);
    }
    return reason;
  }

  /** `Idle` when nothing is in flight any more; otherwise why nobody waits for that. */
  async #empty(key: string): Promise<string> {
    const { agents, clock } = this.#options;
    const until = clock.now() + LONGEST_MS;
    let strikes = 0;
    for (let waitMs = POLL_MS; strikes < STRIKES; waitMs = Math.min(2 * waitMs, SLOWEST_POLL_MS)) {
      const target = this.#targetOf(key);
      if (!this.#running || target === undefined) return 'Gone';
      if (clock.now() > until) return 'StillBusy';
      const state = await agents.drain(target).catch(() => undefined);
      if (state?.inFlight === 0) return 'Idle';
      strikes = state === undefined ? strikes + 1 : 0;
      await clock.sleep(waitMs);
    }
    return 'NoAnswer';
  }

  /** Where it is now: it may move meanwhile. */
  #targetOf(key: string): AgentTarget | undefined {
    const { stage, address, vmId = '' } = this.#options.fleet.get(key) ?? {};
    return stage === 'draining' && address !== undefined ? { address, vmId } : undefined;
  }
}
