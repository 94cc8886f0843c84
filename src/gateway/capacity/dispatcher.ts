import { queueRefusal, type QueueBounds } from '../../domain/dispatch/admission.ts';
import { movingAverage } from '../../domain/dispatch/containers/average.ts';
import type { Verdict } from '../../domain/dispatch/failure.ts';
import { fullMs, quarantineMs } from '../../domain/dispatch/quarantine.ts';
import type { Clock } from '../../runtime/clock.ts';
import { Application } from './application.ts';
import type { Vm } from './vm.ts';
import type { OperatorRefusal, Slot, Waiter } from './waiter.ts';

export interface DispatcherOptions {
  readonly clock: Clock;
  readonly bounds: QueueBounds;
  /** Somebody begins to wait for a VM of this application. */
  readonly waits: (application: Application) => void;
  /** A VM misbehaves. */
  readonly suspect: (vm: Vm, reason: string) => void;
  /** A VM that failed gets nothing until it has answered, which `answered` tells. */
  readonly doubt: (vm: Vm) => void;
  /** Nothing is in flight any more at a VM that was taken away. */
  readonly released: (vm: Vm) => void;
}

/** Brings waiters and free slots together: whatever is in flight or in a queue is counted here. */
export class Dispatcher {
  readonly applications = new Map<string, Application>();
  /** Bytes that waiting requests hold. */
  queuedBytes = 0;
  /** By what happened to requests at the door. */
  readonly admissions = { dispatched: 0, queued: 0, refused: 0 };
  quarantines = 0;
  readonly #options: DispatcherOptions;

  constructor(options: DispatcherOptions) {
    this.#options = options;
  }

  application(id: string): Application {
    let application = this.applications.get(id);
    if (application === undefined) {
      this.applications.set(id, (application = new Application(id)));
    }
    return application;
  }

  /** One that is unused; it is made again when it is needed. */
  forget(application: Application): void {
    this.applications.delete(application.id);
  }

  /** Gives the waiter a slot or lets it wait. @returns why it may not even wait */
  submit(waiter: Waiter, application: Application): string | undefined {
    application.arrivals += 1;
    // Whoever waits can be served by no slot that is free at this moment.
    const first = application.queue.firstOf(waiter.functionName);
    const vm = first === undefined ? take(application, waiter) : undefined;
    if (vm !== undefined) {
      this.admissions.dispatched += 1;
      this.#start(waiter, application, vm);
      return undefined;
    }
    const waiting = {
      count: application.queue.length,
      bytes: application.queuedBytes,
      allBytes: this.queuedBytes,
    };
    const refusal = queueRefusal(waiting, waiter.heldBytes, this.#options.bounds);
    if (refusal !== undefined) {
      this.admissions.refused += 1;
      return refusal;
    }
    this.admissions.queued += 1;
    this.#count(application, waiter.heldBytes);
    application.queue.push(waiter);
    this.#options.waits(application);
    return undefined;
  }

  /** Lets a waiter wait again, at the place that its arrival gives it. */
  restore(waiter: Waiter, application: Application): void {
    this.#count(application, waiter.heldBytes);
    application.queue.restore(waiter);
    this.#options.waits(application);
    this.pump(application);
  }

  /** Takes a waiter out of its queue, if it is in it. */
  leave(waiter: Waiter, application: Application): void {
    if (!waiter.queued) return;
    application.queue.remove(waiter);
    this.#count(application, -waiter.heldBytes);
  }

  /** Fails whoever waits, for this function or for any. */
  refuse(application: Application, why: OperatorRefusal, functionName?: string): void {
    const { queue } = application;
    const next = (): Waiter | undefined =>
      functionName === undefined ? queue.first : queue.firstOf(functionName);
    for (let first = next(); first !== undefined; first = next()) {
      this.leave(first, application);
      first.onRefused(why);
    }
  }

  /** Gives a slot back, for its {@link Slot}. @param serviceMs of an answer, undefined when there was none */
  release(application: Application, vm: Vm, serviceMs: number | undefined): void {
    application.inFlight -= 1;
    if (serviceMs !== undefined) {
      application.serviceMs = movingAverage(application.serviceMs, serviceMs);
      vm.strikes = 0;
      vm.fullness = 0;
    }
    application.packing.give(vm);
    if (vm.removed && vm.inFlight === 0) this.#options.released(vm);
    if (application.queue.length > 0) this.pump(application);
  }

  /** Starts what waits, first come first served, as far as VMs with its function have slots free. */
  pump(application: Application): void {
    while (this.#startOne(application));
  }

  /** What a failed attempt means for its VM: it rests, longer each time, or counts as full for a moment. */
  judged(vm: Vm, verdict: Verdict, functionName: string): void {
    if (verdict.suspect) this.#options.suspect(vm, verdict.word);
    if (verdict.vm === 'lacks') {
      vm.lacks(functionName);
    } else if (verdict.vm === 'strike' || verdict.vm === 'silent') {
      vm.strikes += 1;
      this.quarantines += 1;
      const ms = quarantineMs(vm.strikes, verdict.vm === 'silent');
      if (ms === undefined) this.#hold(vm);
      else this.#rest(vm, ms);
    } else if (verdict.vm === 'full') {
      vm.fullness += 1;
      this.#rest(vm, fullMs(vm.fullness));
    }
  }

  /** It has requests, and does not even answer a question. */
  silent(vm: Vm): void {
    this.#options.suspect(vm, 'Silent');
    vm.strikes += 1;
    this.quarantines += 1;
    this.#unlist(vm);
  }

  /** A VM that was held back lives. */
  answered(vm: Vm): void {
    if (vm.removed || !vm.held) return;
    const application = this.application(vm.applicationId);
    vm.held = false;
    vm.strikes = 0;
    application.packing.list(vm);
    this.pump(application);
  }

  add(application: Application, vm: Vm): void {
    application.vms.set(vm.vmId, vm);
    application.refusal = undefined;
    application.refusals.clear();
    application.packing.list(vm);
    this.pump(application);
  }

  /** Sends nothing more to a VM; `released` follows at once when nothing is in flight. */
  remove(application: Application, vm: Vm): void {
    application.vms.delete(vm.vmId);
    application.packing.unlist(vm);
    vm.removed = true;
    vm.endHold?.();
    vm.endHold = undefined;
    vm.closeIdle(Infinity);
    if (vm.inFlight === 0) this.#options.released(vm);
  }

  #startOne(application: Application): boolean {
    for (const head of application.queue.heads()) {
      const vm = take(application, head);
      if (vm === undefined) continue;
      this.leave(head, application);
      this.#start(head, application, vm);
      return true;
    }
    return false;
  }

  #start(waiter: Waiter, application: Application, vm: Vm): void {
    application.inFlight += 1;
    waiter.onSlot(new HeldSlot(this, application, { vm, functionName: waiter.functionName }));
  }

  #count(application: Application, bytes: number): void {
    application.queuedBytes += bytes;
    this.queuedBytes += bytes;
  }

  #hold(vm: Vm): void {
    if (vm.removed || vm.held) return;
    this.#unlist(vm);
    this.#options.doubt(vm);
  }

  #unlist(vm: Vm): void {
    vm.held = true;
    vm.endHold?.();
    vm.endHold = undefined;
    this.application(vm.applicationId).packing.unlist(vm);
  }

  #rest(vm: Vm, ms: number): void {
    if (vm.removed || vm.held) return;
    const application = this.application(vm.applicationId);
    application.packing.unlist(vm);
    vm.endHold?.();
    vm.endHold = this.#options.clock.after(ms, () => {
      vm.endHold = undefined;
      application.packing.list(vm);
      this.pump(application);
    });
  }
}

function take(application: Application, { functionName }: Waiter): Vm | undefined {
  return application.packing.take((vm) => vm.holds(functionName));
}

class HeldSlot implements Slot {
  readonly vm: Vm;
  readonly #dispatcher: Dispatcher;
  readonly #application: Application;
  readonly #functionName: string;
  #held = true;

  constructor(
    dispatcher: Dispatcher,
    application: Application,
    of: { readonly vm: Vm; readonly functionName: string },
  ) {
    this.#dispatcher = dispatcher;
    this.#application = application;
    this.#functionName = of.functionName;
    this.vm = of.vm;
  }

  judged(verdict: Verdict): void {
    this.#dispatcher.judged(this.vm, verdict, this.#functionName);
  }

  release(serviceMs: number | undefined): void {
    if (!this.#held) return;
    this.#held = false;
    this.#dispatcher.release(this.#application, this.vm, serviceMs);
  }
}
