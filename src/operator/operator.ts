import { applicationOf, poolKey } from '../domain/application.ts';
import { DemandBook } from '../domain/scaling/demand-book.ts';
import { createController, type Controller, type Reconciler } from '../runtime/controller.ts';
import { keyOf } from '../runtime/kube.ts';
import type { Part } from '../runtime/lifecycle.ts';
import { createAgentClient, type AgentClient } from './agents/client.ts';
import { ApplicationRegistry } from './applications/registry.ts';
import { functionReconciler } from './functions/controller.ts';
import { followReferences } from './functions/references.ts';
import { Sources } from './functions/sources.ts';
import { createMetrics, type OperatorMetrics } from './metrics.ts';
import type { OperatorOptions } from './options.ts';
import { isStatusOnly } from './pools/changes.ts';
import { PoolController } from './pools/controller.ts';
import type { Reservations } from './pools/reservations.ts';
import { endpointOf } from './scale/assign.ts';
import { createScaling } from './scale/create.ts';
import type { Scaler } from './scale/scaler.ts';
import { EndpointPublisher } from './stream/endpoint-publisher.ts';
import { GatewayMessages } from './stream/gateway-messages.ts';
import { RoutePropagation } from './stream/route-propagation.ts';
import type { StreamHandlers } from './stream/session.ts';
import { UsageBook } from './usage/book.ts';
import { createVm } from './vms/creator.ts';
import { eventsOf, type VmEvent } from './vms/events.ts';
import { Fleet } from './vms/fleet.ts';
import { follow } from './vms/follow.ts';
import { Health } from './vms/health.ts';
import { labelReconciler } from './vms/labeller.ts';
import { Prober } from './vms/prober.ts';
import { reapReconciler } from './vms/reaper.ts';
import type { Vm } from './vms/vm.ts';

/** Agents that do not answer by then are asked on while the operator goes to work. */
const ADOPTION_MS = 5_000;
/** Labels and refill follow a bind after this: they leave the processors to the request that waits for it. */
const LABEL_AND_REFILL_MS = 50;
/** Statuses follow changes within this; many changes become one write. */
const STATUS_MS = 300;
const LOAD_STATUS_MS = 3_000;

type ControllerName = 'pool' | 'reserve' | 'function' | 'reap' | 'label';

/** The operator's parts, wired: what changes where is told to whom. */
export class Operator {
  readonly fleet: Fleet;
  readonly publisher = new EndpointPublisher();
  readonly usage: UsageBook;
  readonly metrics: OperatorMetrics;
  readonly stream: StreamHandlers;
  readonly #options: OperatorOptions;
  readonly #agents: AgentClient;
  readonly #demand = new DemandBook();
  readonly #routes = new RoutePropagation((fn) => {
    this.#controllers.function.enqueue(fn);
  });
  readonly #registry = new ApplicationRegistry();
  readonly #prober: Prober;
  readonly #health: Health;
  readonly #scaler: Scaler;
  readonly #reservations: Reservations;
  readonly #controllers: Readonly<Record<ControllerName, Controller>>;
  readonly #stop = new AbortController();
  readonly #unseen = new Set<string>();
  #running: Promise<unknown> = Promise.resolve();
  #ready = false;

  constructor(options: OperatorOptions) {
    const { clock, log, signer, vmis, pools, client } = options;
    this.#options = options;
    this.#agents = createAgentClient(signer, options.agentCallMs);
    this.fleet = new Fleet(clock);
    this.usage = new UsageBook(clock.now());
    this.metrics = createMetrics(this.fleet, this.publisher);
    const shared = { fleet: this.fleet, agents: this.#agents, usage: this.usage, clock, log };
    this.#prober = new Prober({
      ...shared,
      vmis,
      signer,
      reserved: (vm) => this.#reservations.mayHoldCode(vm),
      refused: this.metrics.bindingRefused,
    });
    this.#health = new Health({ ...shared, registry: this.#registry });
    ({ scaler: this.#scaler, reservations: this.#reservations } = createScaling({
      ...shared,
      client,
      pools,
      vmis,
      signer,
      tokenOf: options.tokenOf,
      registry: this.#registry,
      demand: this.#demand,
      publisher: this.publisher,
      observeBind: this.metrics.bound,
      backlogChanged: (pool) => {
        this.#lookAtPool(pool, 0);
      },
    }));
    const poolController = new PoolController({
      ...shared,
      client,
      pools,
      create: (pool) => createVm({ ...shared, client, publicKey: signer.publicKey }, pool),
      backlog: (pool) => this.#reservations.missing(pool),
    });
    this.#controllers = {
      pool: this.#controller('pool', 2, poolController.reconcile),
      reserve: this.#controller('reserve', 2, this.#reservations.reconcile),
      function: this.#controller('function', 4, this.#functionReconciler()),
      reap: this.#controller('reap', 8, reapReconciler(this.fleet, client, clock)),
      label: this.#controller('label', 8, labelReconciler(this.fleet, vmis, client)),
    };
    this.stream = this.#gatewayMessages();
    this.#wire();
  }

  /** In this order: caches, adoption of what runs, controllers. */
  parts(): Part[] {
    return [
      { name: 'caches', start: () => this.#sync(), stop: () => this.#agents.close() },
      { name: 'adoption', start: () => this.#prober.settled(ADOPTION_MS), stop: () => undefined },
      {
        name: 'controllers',
        start: () => {
          this.#work();
        },
        stop: () => this.#halt(),
      },
    ];
  }

  /** Undefined when the operator works, otherwise why not. */
  readonly unready = (): string | undefined =>
    this.#ready ? undefined : 'caches are filled and VMs adopted first';

  #wire(): void {
    const { functions, pools, vmis, objects } = this.#options;
    vmis.on((event) => {
      follow(this.fleet, event);
      this.#controllers.label.enqueue(keyOf(event.object));
    });
    pools.on((event) => {
      const key = keyOf(event.object);
      this.#lookAtPool(key, 0);
      if (!isStatusOnly(event)) this.#touchPool(key);
    });
    functions.on(({ object }) => {
      this.#controllers.function.enqueue(keyOf(object));
    });
    followReferences(objects, functions, (key) => {
      this.#controllers.function.enqueueAfter(key, STATUS_MS);
    });
    this.fleet.on((vm, before) => {
      this.#onVm(vm, before);
    });
    this.#registry.on((id) => {
      this.#touchApplication(id);
    });
  }

  #onVm(vm: Vm | undefined, before: Vm | undefined): void {
    const either = vm ?? before;
    if (either === undefined) return;
    this.#lookAtPool(either.pool, LABEL_AND_REFILL_MS);
    for (const event of eventsOf(vm, before)) this.#reactions[event](either);
    if (either.binding !== undefined) this.#touchApplication(either.binding.application);
  }

  #touchApplication(id: string): void {
    this.#scaler.touch(id);
    this.#statusLater(id, STATUS_MS);
  }

  readonly #reactions: Readonly<Record<VmEvent, (vm: Vm) => void>> = {
    warm: (vm) => {
      this.#scaler.serveWaiting(vm.pool);
    },
    condemned: (vm) => {
      this.#controllers.reap.enqueue(vm.key);
    },
    marked: (vm) => {
      this.#controllers.label.enqueueAfter(vm.key, LABEL_AND_REFILL_MS);
    },
    adopted: (vm) => {
      const endpoint = endpointOf(vm);
      if (vm.binding !== undefined && endpoint !== undefined) {
        this.publisher.publish(vm.binding.application, endpoint);
      }
    },
    withdrawn: ({ binding, vmId }) => {
      if (binding !== undefined) void this.publisher.withdraw(binding.application, vmId);
    },
    closed: ({ binding, vmId }) => {
      this.publisher.forget(vmId);
      if (binding !== undefined) this.usage.close(binding.application, vmId);
    },
  };

  #lookAtPool(pool: string, afterMs: number): void {
    this.#controllers.pool.enqueueAfter(pool, afterMs);
    this.#controllers.reserve.enqueueAfter(pool, afterMs);
  }

  #touchPool(pool: string): void {
    for (const record of this.#registry.all()) {
      if (record.pool === pool) this.#scaler.touch(record.id);
    }
    for (const fn of this.#options.functions.list()) {
      if (poolKey(applicationOf(fn)) !== pool) continue;
      this.#controllers.function.enqueueAfter(keyOf(fn), STATUS_MS);
    }
  }

  #statusLater(application: string, ms: number): void {
    for (const fn of this.#options.functions.byIndex('application', application)) {
      this.#controllers.function.enqueueAfter(keyOf(fn), ms);
    }
  }

  #gatewayMessages(): GatewayMessages {
    return new GatewayMessages({
      ...this.#options,
      publisher: this.publisher,
      demand: this.#demand,
      routes: this.#routes,
      demanded: (id) => {
        this.#scaler.touch(id);
        this.#statusLater(id, LOAD_STATUS_MS);
      },
      suspected: (vmId) => {
        const vm = this.fleet.byVmId(vmId);
        if (vm !== undefined) void this.#health.check(vm.key);
      },
    });
  }

  #functionReconciler(): Reconciler {
    return functionReconciler({
      ...this.#options,
      sources: new Sources(this.#options.resolve, this.#options.objects),
      registry: this.#registry,
      fleet: this.fleet,
      demand: this.#demand,
      routes: this.#routes,
      backlog: this.#scaler.backlog,
      seen: (key) => {
        if (this.#unseen.delete(key) && this.#unseen.size === 0) this.#begin();
      },
    });
  }

  #controller(name: string, workers: number, reconcile: Reconciler): Controller {
    const { clock, log } = this.#options;
    return createController(reconcile, {
      name,
      workers,
      clock,
      log,
      observe: this.metrics.reconciled,
    });
  }

  async #sync(): Promise<void> {
    const { functions, pools, vmis, objects } = this.#options;
    const informers = [pools, functions, vmis, objects.ConfigMap, objects.Secret];
    for (const informer of informers) informer.start(this.#stop.signal);
    await Promise.all(informers.map((informer) => informer.synced));
    this.#reservations.begin();
  }

  #work(): void {
    const { signal } = this.#stop;
    for (const fn of this.#options.functions.list()) this.#unseen.add(keyOf(fn));
    const controllers = Object.values(this.#controllers).map((one) => one.run(signal));
    this.#running = Promise.all([...controllers, this.#health.run(signal)]);
    if (this.#unseen.size === 0) this.#begin();
  }

  /** Scaling begins when every Function was looked at: until then, whose VM is whose is not known. */
  #begin(): void {
    this.#ready = true;
    this.#scaler.start();
    for (const vm of this.fleet.all()) {
      if (vm.binding !== undefined) this.#scaler.touch(vm.binding.application);
    }
  }

  async #halt(): Promise<void> {
    this.#ready = false;
    this.#scaler.stop();
    this.#stop.abort();
    await this.#running;
    await this.#reservations.end();
  }
}
