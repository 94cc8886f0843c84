import { applicationOf, poolKey } from '../domain/application.ts';
import { keyOf } from '../runtime/kube.ts';
import { followReferences } from './functions/references.ts';
import type { OperatorOptions } from './options.ts';
import { isStatusOnly } from './pools/changes.ts';
import { endpointOf } from './scale/assign.ts';
import { eventsOf, type VmEvent } from './vms/events.ts';
import type { Vm } from './vms/vm.ts';
import type { Work, WorkParts } from './work.ts';

/** Labels and refill follow a bind after this: they leave the processors to the request that waits for it. */
const LABEL_AND_REFILL_MS = 50;
/** Statuses follow changes within this; many changes become one write. */
const STATUS_MS = 300;
const LOAD_STATUS_MS = 3_000;

/** What changes where is told to whom. */
export class Wiring {
  readonly #options: OperatorOptions;
  readonly #parts: WorkParts;
  readonly #work: Work;

  constructor(options: OperatorOptions, parts: WorkParts, work: Work) {
    this.#options = options;
    this.#parts = parts;
    this.#work = work;
  }

  connect(): void {
    const { functions, pools, vmis, objects } = this.#options;
    const { observation, registry } = this.#parts;
    vmis.on(({ object }) => {
      this.#work.look('label', keyOf(object));
    });
    pools.on((event) => {
      const key = keyOf(event.object);
      this.#work.lookAtPool(key, 0);
      if (!isStatusOnly(event)) this.#touchPool(key);
    });
    functions.on(({ object }) => {
      this.#work.look('function', keyOf(object));
    });
    followReferences(objects, functions, (key) => {
      this.#work.look('function', key, STATUS_MS);
    });
    observation.fleet.on((vm, before) => {
      this.#onVm(vm, before);
    });
    registry.on((id) => {
      this.#touchApplication(id);
    });
  }

  /** A gateway said something new of the application. */
  readonly demanded = (id: string): void => {
    this.#work.scaler.touch(id);
    this.#statusLater(id, LOAD_STATUS_MS);
  };

  /** A gateway says that this VM is broken, or refused the token. */
  readonly suspected = (vmId: string, reason: string): void => {
    const vm = this.#parts.observation.fleet.byVmId(vmId);
    if (vm === undefined) return;
    const { health, tokenCheck } = this.#work;
    void (reason === 'TokenInvalid' ? tokenCheck.check(vm.key) : health.doubt(vm.key));
  };

  #onVm(vm: Vm | undefined, before: Vm | undefined): void {
    const either = vm ?? before;
    if (either === undefined) return;
    this.#work.lookAtPool(either.pool, LABEL_AND_REFILL_MS);
    for (const event of eventsOf(vm, before)) this.#reactions[event](either);
    if (either.binding !== undefined) this.#touchApplication(either.binding.application);
  }

  readonly #reactions: Readonly<Record<VmEvent, (vm: Vm) => void>> = {
    warm: (vm) => {
      this.#work.scaler.serveWaiting(vm.pool);
    },
    condemned: (vm) => {
      this.#work.look('reap', vm.key);
    },
    marked: (vm) => {
      this.#work.look('label', vm.key, LABEL_AND_REFILL_MS);
    },
    adopted: (vm) => {
      this.#publish(vm);
    },
    settled: (vm) => {
      this.#publish(vm);
    },
    withdrawn: ({ binding, vmId }) => {
      if (binding !== undefined) void this.#parts.publisher.withdraw(binding.application, vmId);
    },
    closed: ({ binding, vmId }) => {
      this.#parts.publisher.forget(vmId);
      if (binding !== undefined) this.#parts.usage.close(binding.application, vmId);
    },
  };

  #publish(vm: Vm): void {
    const endpoint = endpointOf(vm);
    if (vm.binding === undefined || endpoint === undefined) return;
    this.#parts.publisher.publish(vm.binding.application, endpoint);
  }

  #touchApplication(id: string): void {
    this.#work.scaler.touch(id);
    this.#statusLater(id, STATUS_MS);
  }

  #touchPool(pool: string): void {
    for (const record of this.#parts.registry.all()) {
      if (record.pool === pool) this.#work.scaler.touch(record.id);
    }
    for (const fn of this.#options.functions.list()) {
      if (poolKey(applicationOf(fn)) === pool) this.#work.look('function', keyOf(fn), STATUS_MS);
    }
  }

  #statusLater(application: string, afterMs: number): void {
    for (const fn of this.#options.functions.byIndex('application', application)) {
      this.#work.look('function', keyOf(fn), afterMs);
    }
  }
}
