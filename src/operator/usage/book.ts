import type { FunctionMeter, MeterReading } from '../../api/agent-protocol.ts';
import { owned, type IsOwn } from '../functions/own.ts';

/** What an application has used since {@link UsageBook.since}. */
export interface Usage {
  readonly application: string;
  readonly vms: number;
  readonly cpuMs: number;
  /** Bring-up's share of `cpuMs`. */
  readonly startCpuMs: number;
  readonly vmSeconds: number;
  readonly functions: readonly FunctionMeter[];
  /** VMs whose last moments were not read: their figures may be too low. */
  readonly estimatedVms: number;
}

interface Entry {
  readonly application: string;
  readonly reading: MeterReading;
  readonly estimated: boolean;
}

/** VMs whose end is remembered: an answer that was on its way is not counted again. */
const REMEMBERED = 10_000;

/**
 * Usage from the agents' meters. Readings are totals of a VM's life, so the last
 * one of each VM counts, and reading twice counts once (invariant I8). A VM
 * that went without a final reading is marked as estimated.
 */
export class UsageBook {
  readonly since: number;
  readonly #isOwn: IsOwn;
  readonly #entries = new Map<string, Entry>();
  /** Sums over VMs that are gone, by application. */
  readonly #closed = new Map<string, Usage>();
  /** Ids of VMs that are gone, the latest last. */
  readonly #gone = new Set<string>();

  constructor(since: number, isOwn: IsOwn) {
    this.since = since;
    this.#isOwn = isOwn;
  }

  /**
   * `final`: nothing runs in the VM any more. The reading is the guest's word: it counts for the VM
   * that was asked and for its application, and by function for that application's own.
   */
  read(application: string, said: MeterReading, final: boolean): void {
    if (this.#gone.has(said.vmId)) return;
    const own = owned(said.functions, (name) => this.#isOwn(application, name));
    const reading = { ...said, functions: own };
    const before = this.#entries.get(reading.vmId);
    // Totals only grow: an answer that was overtaken by a later one says less.
    const overtaken = before !== undefined && before.reading.uptimeMs > reading.uptimeMs;
    this.#entries.set(reading.vmId, {
      application,
      reading: overtaken ? before.reading : reading,
      estimated: !final && before?.estimated !== false,
    });
  }

  /** The VM is gone: its last reading is what it has used. */
  close(application: string, vmId: string): void {
    if (this.#gone.has(vmId)) return;
    this.#remember(vmId);
    const entry = this.#entries.get(vmId);
    this.#entries.delete(vmId);
    const sum = this.#closed.get(application) ?? empty(application);
    const lost = { ...empty(application), vms: 1, estimatedVms: 1 };
    this.#closed.set(application, add(sum, entry === undefined ? lost : usageOf(entry)));
  }

  report(): Usage[] {
    const sums = new Map(this.#closed);
    for (const entry of this.#entries.values()) {
      const sum = sums.get(entry.application) ?? empty(entry.application);
      // A VM that lives will be read again: nothing is estimated yet.
      sums.set(entry.application, add(sum, usageOf({ ...entry, estimated: false })));
    }
    return [...sums.values()].toSorted((a, b) => (a.application < b.application ? -1 : 1));
  }

  #remember(vmId: string): void {
    this.#gone.add(vmId);
    if (this.#gone.size <= REMEMBERED) return;
    const [first = ''] = this.#gone;
    this.#gone.delete(first);
  }
}

function empty(application: string): Usage {
  return {
    application,
    vms: 0,
    cpuMs: 0,
    startCpuMs: 0,
    vmSeconds: 0,
    functions: [],
    estimatedVms: 0,
  };
}

function usageOf({ application, reading, estimated }: Entry): Usage {
  return {
    application,
    vms: 1,
    cpuMs: reading.cpuMs,
    startCpuMs: reading.cpuBeforeBindMs,
    vmSeconds: reading.uptimeMs / 1000,
    functions: reading.functions,
    estimatedVms: estimated ? 1 : 0,
  };
}

function add(a: Usage, b: Usage): Usage {
  return {
    application: a.application,
    vms: a.vms + b.vms,
    cpuMs: a.cpuMs + b.cpuMs,
    startCpuMs: a.startCpuMs + b.startCpuMs,
    vmSeconds: a.vmSeconds + b.vmSeconds,
    functions: addFunctions(a.functions, b.functions),
    estimatedVms: a.estimatedVms + b.estimatedVms,
  };
}

function addFunctions(
  a: readonly FunctionMeter[],
  b: readonly FunctionMeter[],
): readonly FunctionMeter[] {
  const sums = new Map(a.map((meter) => [meter.name, meter]));
  for (const meter of b) {
    const sum = sums.get(meter.name);
    sums.set(meter.name, sum === undefined ? meter : addMeters(sum, meter));
  }
  return [...sums.values()];
}

function addMeters(a: FunctionMeter, b: FunctionMeter): FunctionMeter {
  return {
    name: a.name,
    invocations: a.invocations + b.invocations,
    errors: a.errors + b.errors,
    cpuMs: a.cpuMs + b.cpuMs,
    wallMs: a.wallMs + b.wallMs,
  };
}
