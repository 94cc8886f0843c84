import type { DemandBook } from '../domain/scaling/demand-book.ts';
import { createController, type Controller, type Reconciler } from '../runtime/controller.ts';
import { keyOf } from '../runtime/kube.ts';
import type { ApplicationRegistry } from './applications/registry.ts';
import { ClaimBook } from './functions/claims.ts';
import { functionReconciler } from './functions/controller.ts';
import { Sources } from './functions/sources.ts';
import type { OperatorMetrics } from './metrics.ts';
import type { Observation } from './observation.ts';
import { hearLosses } from './events/losses.ts';
import type { Teller } from './events/teller.ts';
import type { OperatorOptions } from './options.ts';
import { PoolController } from './pools/controller.ts';
import type { Reservations } from './pools/reservations.ts';
import { createScaling } from './scale/create.ts';
import type { Scaler } from './scale/scaler.ts';
import type { EndpointPublisher } from './stream/endpoint-publisher.ts';
import type { RoutePropagation } from './stream/route-propagation.ts';
import type { UsageBook } from './usage/book.ts';
import { createVm, refusalOf } from './vms/creator.ts';
import { Health } from './vms/health.ts';
import { labelReconciler } from './vms/labeller.ts';
import { TokenCheck } from './vms/token-check.ts';
import { reapReconciler } from './vms/reaper.ts';
import { seekReconciler } from './vms/seeker.ts';

/** What is known, and where it is told. */
export interface WorkParts {
  readonly observation: Observation;
  readonly registry: ApplicationRegistry;
  readonly demand: DemandBook;
  readonly publisher: EndpointPublisher;
  readonly routes: RoutePropagation;
  readonly usage: UsageBook;
  readonly teller: Teller;
  readonly metrics: OperatorMetrics;
}

export type ControllerName = 'pool' | 'reserve' | 'function' | 'reap' | 'seek' | 'label';

/**
 * All that decides and acts: pools, reservations, Functions, scaling, draining, health, labels,
 * deletions. Begins and ends as one, so that of several operators one at a time does.
 */
export class Work {
  readonly scaler: Scaler;
  readonly reservations: Reservations;
  readonly health: Health;
  readonly tokenCheck: TokenCheck;
  readonly #options: OperatorOptions;
  readonly #parts: WorkParts;
  readonly #controllers: Readonly<Record<ControllerName, Controller>>;
  readonly #stop = new AbortController();
  /** Functions that were not looked at yet. */
  readonly #unseen = new Set<string>();
  #running: Promise<unknown> = Promise.resolve();
  #begun = false;

  constructor(options: OperatorOptions, parts: WorkParts) {
    this.#options = options;
    this.#parts = parts;
    const { observation, registry, metrics } = parts;
    const { fleet, agents } = observation;
    const shared = { ...options, ...parts, fleet, agents };
    this.health = new Health(shared);
    this.tokenCheck = new TokenCheck({ ...shared, refused: metrics.bindingRefused });
    const { scaler, reservations } = createScaling({
      ...shared,
      observeBind: metrics.bound,
      backlogChanged: (pool) => {
        this.lookAtPool(pool, 0);
      },
    });
    this.scaler = scaler;
    this.reservations = reservations;
    const creator = {
      ...shared,
      publicKey: options.signer.publicKey,
      seek: (key: string, afterMs: number) => {
        this.look('seek', key, afterMs);
      },
    };
    const pools = new PoolController({
      ...shared,
      create: (pool) => createVm(creator, pool),
      refusal: (pool) => refusalOf(creator, pool),
      backlog: (pool) => reservations.missing(pool),
    });
    const lastWords = hearLosses(shared, (loss) => {
      pools.lost(loss);
      this.lookAtPool(loss.vm.pool, 0);
    });
    const functions = functionReconciler({
      ...shared,
      registry,
      claims: new ClaimBook(options.functions, options.hosts, (key) => {
        this.#controllers.function.enqueue(key);
      }),
      sources: new Sources({
        ...shared,
        over: (key) => {
          this.#controllers.function.enqueue(key);
        },
      }),
      backlog: scaler.backlog,
      seen: (key) => {
        if (this.#unseen.delete(key) && this.#unseen.size === 0) this.#begin();
      },
    });
    this.#controllers = {
      pool: this.#controller('pool', 2, pools.reconcile),
      reserve: this.#controller('reserve', 2, reservations.reconcile),
      function: this.#controller('function', 4, functions),
      reap: this.#controller('reap', 8, reapReconciler({ ...shared, lastWords })),
      seek: this.#controller('seek', 8, seekReconciler(fleet, options.client, options.clock)),
      label: this.#controller('label', 8, labelReconciler(fleet, options.vmis, options.client)),
    };
  }

  /** Every Function was looked at, and scaling goes on. */
  get begun(): boolean {
    return this.#begun;
  }

  /** The caches are filled and VMs adopted. */
  start(): void {
    const { signal } = this.#stop;
    for (const fn of this.#options.functions.list()) this.#unseen.add(keyOf(fn));
    const controllers = Object.values(this.#controllers).map((one) => one.run(signal));
    this.#running = Promise.all([...controllers, this.health.run(signal)]);
    if (this.#unseen.size === 0) this.#begin();
  }

  async stop(): Promise<void> {
    this.#begun = false;
    this.scaler.stop();
    this.#stop.abort();
    await this.#running;
    await this.reservations.end();
  }

  /** A pass of one of the controllers. */
  look(controller: ControllerName, key: string, afterMs = 0): void {
    this.#controllers[controller].enqueueAfter(key, afterMs);
  }

  lookAtPool(pool: string, afterMs: number): void {
    this.look('pool', pool, afterMs);
    this.look('reserve', pool, afterMs);
  }

  /** Scaling begins when every Function was looked at: until then, whose VM is whose is not known. */
  #begin(): void {
    this.#begun = true;
    this.scaler.start();
    for (const vm of this.#parts.observation.fleet.all()) {
      if (vm.binding !== undefined) this.scaler.touch(vm.binding.application);
    }
  }

  #controller(name: ControllerName, workers: number, reconcile: Reconciler): Controller {
    const { clock, log } = this.#options;
    const observe = this.#parts.metrics.reconciled;
    return createController(reconcile, { name, workers, clock, log, observe });
  }
}
