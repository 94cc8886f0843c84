import type { Informer } from '../runtime/kube.ts';
import type { Part } from '../runtime/lifecycle.ts';
import { createAgentClient, type AgentClient } from './agents/client.ts';
import type { OperatorOptions } from './options.ts';
import { Fleet } from './vms/fleet.ts';
import { follow } from './vms/follow.ts';
import { Mover } from './vms/mover.ts';
import { Prober, type ProberOptions } from './vms/prober.ts';

/** Agents that do not answer by then are asked on while the operator goes to work. */
const ADOPTION_MS = 5_000;

export interface ObservationOptions extends Pick<ProberOptions, 'isOwn' | 'reserved' | 'refused'> {
  /** The caches are filled, no VM is adopted yet. */
  readonly filled: () => void;
}

/** What there is: objects as the API server has them, and VMs as their agents say. Changes nothing outside. */
export class Observation {
  readonly fleet: Fleet;
  readonly agents: AgentClient;
  readonly #options: OperatorOptions;
  readonly #filled: () => void;
  readonly #prober: Prober;
  readonly #stop = new AbortController();

  constructor(options: OperatorOptions, { filled, ...judgement }: ObservationOptions) {
    this.#options = options;
    this.#filled = filled;
    this.fleet = new Fleet(options.clock);
    this.agents = createAgentClient(options.signer, options.agentCallMs);
    const { fleet, agents } = this;
    this.#prober = new Prober({ ...options, ...judgement, fleet, agents });
    new Mover({ ...options, fleet, agents });
    options.vmis.on((event) => {
      follow(fleet, event);
    });
  }

  /** Adoption begins while caches fill; whoever goes to work waits for both. */
  parts(): Part[] {
    return [
      { name: 'caches', start: () => this.#sync(), stop: () => this.#end() },
      { name: 'adoption', start: () => this.#prober.settled(ADOPTION_MS), stop: () => undefined },
    ];
  }

  /** What keeps the caches from being filled; undefined where nothing does. */
  get problem(): string | undefined {
    const problems = this.#informers().flatMap(({ problem }) => problem ?? []);
    return problems.length === 0 ? undefined : problems.join('; ');
  }

  #informers(): readonly Pick<Informer<never>, 'start' | 'synced' | 'problem'>[] {
    const { functions, pools, vmis, objects } = this.#options;
    return [pools, functions, vmis, objects.ConfigMap, objects.Secret];
  }

  async #sync(): Promise<void> {
    const informers = this.#informers();
    for (const informer of informers) informer.start(this.#stop.signal);
    await Promise.all(informers.map((informer) => informer.synced));
    this.#filled();
  }

  async #end(): Promise<void> {
    this.#stop.abort();
    await this.agents.close();
  }
}
