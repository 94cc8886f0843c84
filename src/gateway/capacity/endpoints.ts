import type { Endpoint, OperatorMessage } from '../../api/gateway-protocol.ts';
import type { Application } from './application.ts';
import type { Dispatcher } from './dispatcher.ts';
import { Vm } from './vm.ts';

/** A VM that was found without the operator's help. */
export interface BoundVm extends Endpoint {
  readonly applicationId: string;
}

export type TokenOf = (vmId: string, applicationId: string, keyId?: string) => string;

/** Keeps the VMs of all applications as the operator says; without it, as they were found. */
export class Endpoints {
  /** The operator has told everything once. */
  known = false;
  readonly #dispatcher: Dispatcher;
  readonly #tokenOf: TokenOf;
  readonly #vms = new Map<string, Vm>();

  constructor(dispatcher: Dispatcher, tokenOf: TokenOf) {
    this.#dispatcher = dispatcher;
    this.#tokenOf = tokenOf;
  }

  get size(): number {
    return this.#vms.size;
  }

  all(): Iterable<Vm> {
    return this.#vms.values();
  }

  /** Whether the VM gets requests: one that came back in between is not released. */
  holds(vmId: string): boolean {
    return this.#vms.has(vmId);
  }

  /** A VM that the snapshot lacks goes the same way as one that is taken away by itself. */
  replace({ applications }: Extract<OperatorMessage, { type: 'snapshot' }>): void {
    this.known = true;
    const wanted = new Map<string, string>();
    for (const { application, endpoints } of applications) {
      for (const { vmId } of endpoints) wanted.set(vmId, application);
    }
    for (const vm of [...this.#vms.values()]) {
      if (wanted.get(vm.vmId) !== vm.applicationId) this.#remove(vm.vmId);
    }
    for (const { application, endpoints } of applications) this.#addAll(application, endpoints);
  }

  change({ application, add, remove }: Extract<OperatorMessage, { type: 'endpoints' }>): void {
    for (const vmId of remove) this.#remove(vmId);
    this.#addAll(application, add);
  }

  /** Adds what was found; never takes anything away. */
  found(vms: readonly BoundVm[]): void {
    for (const vm of vms) if (!this.#vms.has(vm.vmId)) this.#addAll(vm.applicationId, [vm]);
  }

  #addAll(applicationId: string, endpoints: readonly Endpoint[]): void {
    const application = this.#dispatcher.application(applicationId);
    for (const endpoint of endpoints) this.#add(application, endpoint);
  }

  #add(application: Application, endpoint: Endpoint): void {
    const old = this.#vms.get(endpoint.vmId);
    if (old !== undefined) {
      if (isSame(old, application.id, endpoint)) {
        old.functions = endpoint.functions;
        this.#dispatcher.pump(application);
        return;
      }
      this.#remove(endpoint.vmId);
    }
    const token = this.#tokenOf(endpoint.vmId, application.id, endpoint.tokenKey);
    const vm = new Vm(endpoint, application.id, token);
    this.#vms.set(vm.vmId, vm);
    this.#dispatcher.add(application, vm);
  }

  #remove(vmId: string): void {
    const vm = this.#vms.get(vmId);
    if (vm === undefined) return;
    this.#vms.delete(vmId);
    this.#dispatcher.remove(this.#dispatcher.application(vm.applicationId), vm);
  }
}

function isSame(vm: Vm, applicationId: string, endpoint: Endpoint): boolean {
  return (
    vm.applicationId === applicationId &&
    vm.address === endpoint.address &&
    vm.slots === endpoint.slots
  );
}
