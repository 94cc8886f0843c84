import type { WaitsForFunction } from '../../domain/dispatch/containers/queues.ts';
import type { Verdict } from '../../domain/dispatch/failure.ts';
import type { Vm } from './vm.ts';

/** Why an application gets no VM, as the operator said it last. */
export interface OperatorRefusal {
  readonly reason: string;
  readonly detail: string;
}

/** Room for one invocation in a VM: its holder's until it is released. */
export interface Slot {
  readonly vm: Vm;
  /** What a failed attempt means for the VM. */
  judged(verdict: Verdict): void;
  /** Once; again does nothing. @param serviceMs of an answer, undefined when there was none */
  release(serviceMs: number | undefined): void;
}

/**
 * Whoever needs a slot: a client's request, or whatever else is to be sent to a function. How long
 * it waits is its own business: it takes itself out of the queue.
 */
export interface Waiter extends WaitsForFunction<Waiter> {
  /** Within its application: VMs of an older set of functions may lack it. */
  readonly functionName: string;
  /** Clock of `performance.now()`: first come, first served. */
  readonly arrivedAt: number;
  /** Bytes that it keeps in memory while it waits. */
  readonly heldBytes: number;
  onSlot(slot: Slot): void;
  /** The application gets no VM until something changes; nobody waits any more. */
  onRefused(why: OperatorRefusal): void;
}
