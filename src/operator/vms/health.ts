import { once } from 'node:events';
import { redact } from '../../domain/redact.ts';
import type { Clock } from '../../runtime/clock.ts';
import type { Logger } from '../../runtime/log.ts';
import type { AgentClient, AgentTarget } from '../agents/client.ts';
import type { ApplicationRegistry } from '../applications/registry.ts';
import type { UsageBook } from '../usage/book.ts';
import type { Fleet } from './fleet.ts';
import type { Vm } from './vm.ts';

/** Between two looks at a VM that is in use or did not answer. */
const PERIOD_MS = 10_000;
/** At one that rests: who uses it says at once what is wrong. */
const REST_MS = 30_000;
/** So much more or less: VMs that came together are not asked together for ever. */
const JITTER = 0.1;
/** At one that did not answer. */
const SUSPECT_MS = 1_000;
/** A suspicion is believed when the VM has not answered by then. */
const BELIEVED_MS = 100;
/** Looks without an answer after which a VM is taken for dead, */
const STRIKES = 3;
/** when it has been silent for this, and for longer than its functions may compute. */
const SILENT_MS = { least: 10_000, most: 60_000 };
/** For what the agent does about a function whose time is over. */
const GRACE_MS = 5_000;

export interface HealthOptions {
  readonly fleet: Fleet;
  readonly agents: AgentClient;
  readonly usage: UsageBook;
  /** What a guest says may repeat its application's environment. */
  readonly registry: Pick<ApplicationRegistry, 'get'>;
  readonly clock: Clock;
  readonly log: Logger;
}

/**
 * Looks after VMs that are up: each about every ten seconds, every thirty while it rests, and at once
 * after a gateway's suspicion. A VM that does not answer is no capacity from then on until it does; one that
 * is broken, or silent for longer than its functions may take, is deleted. A bound one is read for usage.
 */
export class Health {
  readonly #options: HealthOptions;
  readonly #random: () => number;
  /** Looks without an answer, and when the first of them was. */
  readonly #silent = new Map<string, { strikes: number; since: number }>();
  readonly #checks = new Map<string, Promise<number>>();
  /** Invocations that a VM had counted when it was looked at last. */
  readonly #invocations = new Map<string, number>();
  /** Cancels the next look, by VM. */
  readonly #next = new Map<string, () => void>();
  #running = false;

  constructor(options: HealthOptions, random: () => number = Math.random) {
    this.#options = options;
    this.#random = random;
    options.fleet.on((vm, before) => {
      if (vm === undefined && before !== undefined) this.#forget(before.key);
      else if (vm !== undefined) this.#begin(vm);
    });
  }

  async run(signal: AbortSignal): Promise<void> {
    this.#running = true;
    for (const vm of this.#options.fleet.all()) this.#begin(vm);
    if (!signal.aborted) await once(signal, 'abort');
    this.#running = false;
    for (const cancel of this.#next.values()) cancel();
    this.#next.clear();
  }

  /** The first look falls anywhere in the period. */
  #begin(vm: Vm): void {
    if (this.#running && isUp(vm) && !this.#next.has(vm.key)) {
      this.#lookAfter(vm.key, this.#random() * REST_MS);
    }
  }

  #lookAfter(key: string, ms: number): void {
    const look = (): void => {
      void this.#look(key);
    };
    this.#next.set(key, this.#options.clock.after(ms, look));
  }

  async #look(key: string): Promise<void> {
    const vm = this.#options.fleet.get(key);
    const pauseMs = vm !== undefined && isUp(vm) ? await this.check(key) : REST_MS;
    if (!this.#next.delete(key) || this.#options.fleet.get(key) === undefined) return;
    this.#lookAfter(key, pauseMs * (1 + JITTER * (2 * this.#random() - 1)));
  }

  #forget(key: string): void {
    this.#silent.delete(key);
    this.#invocations.delete(key);
    this.#next.get(key)?.();
    this.#next.delete(key);
  }

  /**
   * Never rejects. Ten suspicions at a time are one question, and one strike.
   * Resolves with the milliseconds after which another look is worth it.
   */
  check(key: string): Promise<number> {
    const running = this.#checks.get(key);
    if (running !== undefined) return running;
    const check = this.#check(key).finally(() => this.#checks.delete(key));
    this.#checks.set(key, check);
    return check;
  }

  /** A gateway says that it does not answer. Never rejects. */
  async doubt(key: string): Promise<void> {
    const answered = this.check(key).then(() => true);
    const believed = this.#options.clock.sleep(BELIEVED_MS).then(() => false);
    if (!(await Promise.race([answered, believed]))) this.#mark(key, true);
    await answered;
    if (this.#silent.has(key) && this.#next.has(key)) {
      this.#next.get(key)?.();
      this.#lookAfter(key, SUSPECT_MS);
    }
  }

  /** What does not answer is no capacity. */
  #mark(key: string, suspect: boolean): void {
    const vm = this.#options.fleet.get(key);
    if (vm?.stage !== 'bound' || (vm.suspect ?? false) === suspect) return;
    this.#options.fleet.update(key, { suspect });
  }

  /** A function that computes for all of its time keeps the agent from answering: that is no death. */
  #longestMs({ binding }: Vm): number {
    const members = this.#options.registry.get(binding?.application ?? '')?.members.values() ?? [];
    const times = [...members].map(({ resolved }) => resolved.timeoutMs + GRACE_MS);
    return Math.min(Math.max(SILENT_MS.least, ...times), SILENT_MS.most);
  }

  async #check(key: string): Promise<number> {
    const vm = this.#options.fleet.get(key);
    if (vm?.address === undefined) return REST_MS;
    try {
      const isUsed = await this.#ask(vm, { address: vm.address, vmId: vm.vmId });
      this.#silent.delete(key);
      this.#mark(key, false);
      return isUsed ? PERIOD_MS : REST_MS;
    } catch (error) {
      const now = this.#options.clock.now();
      const { strikes, since } = this.#silent.get(key) ?? { strikes: 0, since: now };
      this.#silent.set(key, { strikes: strikes + 1, since });
      this.#options.log.warn('agent does not answer', { vm: key, strikes: strikes + 1, error });
      const isDead = strikes + 1 >= STRIKES && now - since >= this.#longestMs(vm);
      if (isDead) this.#giveUp(vm, 'NoAnswer', 'the agent does not answer');
      else this.#mark(key, true);
      return SUSPECT_MS;
    }
  }

  /** Whether it is in use. */
  async #ask(vm: Vm, target: AgentTarget): Promise<boolean> {
    const { agents, usage } = this.#options;
    const { broken, inFlight } = await agents.state(target);
    if (broken !== undefined) {
      this.#giveUp(vm, 'Broken', this.#redacted(vm, broken));
      return false;
    }
    if (vm.binding === undefined) return false;
    const reading = await agents.meter(target);
    usage.read(vm.binding.application, reading, false);
    const invocations = reading.functions.reduce((sum, meter) => sum + meter.invocations, 0);
    const before = this.#invocations.get(vm.key);
    this.#invocations.set(vm.key, invocations);
    return inFlight > 0 || invocations !== before;
  }

  #redacted({ binding }: Vm, words: string): string {
    const record = this.#options.registry.get(binding?.application ?? '');
    return (record?.bundle.redact ?? redact)(words);
  }

  #giveUp(vm: Vm, reason: string, detail: string): void {
    this.#options.log.warn('vm given up', { vm: vm.key, reason, detail });
    this.#options.fleet.move(vm.key, ['generic', 'bound', 'draining'], 'deleting', { reason });
  }
}

function isUp({ stage }: Vm): boolean {
  return stage === 'generic' || stage === 'bound';
}
