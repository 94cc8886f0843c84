import type { Clock } from '../../runtime/clock.ts';
import type { Stage, Vm } from './vm.ts';

export type FleetListener = (vm: Vm | undefined, before: Vm | undefined) => void;

/**
 * All VMs by key, pool and application. The one place where a VM's stage is
 * changed; listeners see every change, in order, before the caller goes on.
 */
export class Fleet {
  readonly #clock: Clock;
  readonly #vms = new Map<string, Vm>();
  readonly #byPool = new Map<string, Set<string>>();
  readonly #byApplication = new Map<string, Set<string>>();
  readonly #byVmId = new Map<string, string>();
  readonly #listeners: FleetListener[] = [];

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  on(listener: FleetListener): void {
    this.#listeners.push(listener);
  }

  get(key: string): Vm | undefined {
    return this.#vms.get(key);
  }

  byVmId(vmId: string): Vm | undefined {
    const key = this.#byVmId.get(vmId);
    return key === undefined ? undefined : this.#vms.get(key);
  }

  all(): readonly Vm[] {
    return [...this.#vms.values()];
  }

  ofPool(pool: string): readonly Vm[] {
    return this.#pick(this.#byPool.get(pool));
  }

  ofApplication(application: string): readonly Vm[] {
    return this.#pick(this.#byApplication.get(application));
  }

  /** Adds or replaces a VM; a new stage begins now, and the start of one that has found a node anew. */
  put(vm: Vm): Vm {
    const before = this.#vms.get(vm.key);
    const goesOn = before?.stage === vm.stage && !hasFoundNode(vm, before);
    const staged = goesOn ? vm : { ...vm, since: this.#clock.now() };
    this.#unindex(before);
    this.#vms.set(staged.key, staged);
    this.#index(staged);
    this.#tell(staged, before);
    return staged;
  }

  /** Undefined when the VM is unknown by now. */
  update(key: string, changes: Partial<Vm>): Vm | undefined {
    const vm = this.#vms.get(key);
    return vm === undefined ? undefined : this.put({ ...vm, ...changes });
  }

  /** Moves from one of `from` to `to`, or does nothing and answers undefined. */
  move(key: string, from: readonly Stage[], to: Stage, changes: Partial<Vm> = {}): Vm | undefined {
    const vm = this.#vms.get(key);
    if (vm === undefined || !from.includes(vm.stage)) return undefined;
    return this.put({ ...vm, ...changes, stage: to });
  }

  remove(key: string): void {
    const before = this.#vms.get(key);
    if (before === undefined) return;
    this.#unindex(before);
    this.#vms.delete(key);
    this.#tell(undefined, before);
  }

  #tell(vm: Vm | undefined, before: Vm | undefined): void {
    for (const listener of this.#listeners) listener(vm, before);
  }

  #pick(keys: ReadonlySet<string> | undefined): readonly Vm[] {
    return keys === undefined ? [] : [...keys].flatMap((key) => this.#vms.get(key) ?? []);
  }

  #index(vm: Vm): void {
    addTo(this.#byPool, vm.pool, vm.key);
    this.#byVmId.set(vm.vmId, vm.key);
    if (vm.binding !== undefined) addTo(this.#byApplication, vm.binding.application, vm.key);
  }

  #unindex(vm: Vm | undefined): void {
    if (vm === undefined) return;
    dropFrom(this.#byPool, vm.pool, vm.key);
    this.#byVmId.delete(vm.vmId);
    if (vm.binding !== undefined) dropFrom(this.#byApplication, vm.binding.application, vm.key);
  }
}

/** The time without a node does not count: a VM that gets one late is not late itself. */
function hasFoundNode(vm: Vm, before: Vm): boolean {
  return before.unschedulable !== undefined && vm.unschedulable === undefined;
}

function addTo(index: Map<string, Set<string>>, value: string, key: string): void {
  const keys = index.get(value);
  if (keys === undefined) index.set(value, new Set([key]));
  else keys.add(key);
}

function dropFrom(index: Map<string, Set<string>>, value: string, key: string): void {
  const keys = index.get(value);
  keys?.delete(key);
  if (keys?.size === 0) index.delete(value);
}
