import type { HostedFunction } from '../function.ts';
import type { Log } from '../host/log.ts';
import { LoadFailure } from '../load/failure.ts';
import { Refusal } from '../refusal.ts';
import type { Vm } from '../vm.ts';
import { refusalOf } from './failure.ts';
import { Invocation, type Channel } from './invocation.ts';

/** What the book tells the rest of the agent. */
export interface BookEvents {
  opened(invocation: Invocation): void;
  closed(invocation: Invocation): void;
  /** An invocation ended neither at its timeout nor in the grace after it. */
  abandoned(invocation: Invocation): void;
}

export interface BookOptions {
  readonly vm: Vm;
  readonly graceMs: number;
  readonly log: Log;
  readonly events: BookEvents;
}

/**
 * Keeps every running invocation from slot to slot: opens it with its timeout,
 * ends its answer when it fails, frees the slot when handler and answer are over.
 * A handler that ignores its timeout keeps its slot, so that slots are never
 * exceeded; after the grace the VM is given up instead.
 */
export class InvocationBook {
  readonly vm: Vm;
  readonly #graceMs: number;
  readonly #log: Log;
  readonly #events: BookEvents;

  constructor(options: BookOptions) {
    this.vm = options.vm;
    this.#graceMs = options.graceMs;
    this.#log = options.log;
    this.#events = options.events;
  }

  /** Takes a slot; the caller has seen that one is free. */
  open(fn: HostedFunction, requestId: string, channel: Channel): Invocation {
    const mark = this.vm.meter.begin(fn.name, performance.now());
    const invocation = new Invocation(fn, requestId, channel, mark);
    this.vm.running.add(invocation);
    invocation.timer = setTimeout(() => {
      this.#timeOut(invocation);
    }, fn.spec.timeoutMs);
    this.#events.opened(invocation);
    return invocation;
  }

  /** The handler is done and has said all that it had to say. */
  settled(invocation: Invocation): void {
    invocation.handlerSettled = true;
    this.#closeWhenOver(invocation);
  }

  /** The handler failed: a problem for the client, the error itself for the log. */
  failed(invocation: Invocation, error: unknown): void {
    if (!invocation.answerOver) {
      const refusal = refusalOf(error);
      this.#logFailure(invocation, refusal, error);
      this.refuse(invocation, refusal);
    }
    this.settled(invocation);
  }

  /** Ends the answer, if it is not over, with a problem. */
  refuse(invocation: Invocation, refusal: Refusal): void {
    invocation.failed = true;
    if (!invocation.answerOver) {
      invocation.channel.refuse(refusal, invocation.requestId);
    }
  }

  /** `complete` is false when the client left before it had the whole answer. */
  answerOver(invocation: Invocation, complete: boolean): void {
    invocation.answerOver = true;
    if (!complete) {
      invocation.abort(new DOMException('The client has left.', 'AbortError'));
    }
    if (invocation.channel.lasting && performance.now() > invocation.deadline) {
      this.#giveGrace(invocation);
    }
    this.#closeWhenOver(invocation);
  }

  #logFailure(invocation: Invocation, { reason }: Refusal, error: unknown): void {
    const fields = { ...scopeFields(invocation), reason };
    const answered = error instanceof Refusal && !invocation.channel.begun;
    if (answered || error instanceof LoadFailure) {
      // Said in full already: in the answer, or when it failed to load.
      this.#log.info('the invocation was refused', fields);
    } else {
      this.#log.error('the function failed', { ...fields, error });
    }
  }

  #timeOut(invocation: Invocation): void {
    const { channel } = invocation;
    if (channel.lasting && channel.begun) {
      return;
    }
    const { timeoutMs } = invocation.fn.spec;
    invocation.abort(new DOMException(`Timed out after ${timeoutMs} ms.`, 'TimeoutError'));
    const detail = `The function did not finish within ${timeoutMs} ms.`;
    invocation.failed = true;
    if (!invocation.answerOver) {
      const refusal = new Refusal(504, 'FunctionTimeout', detail, 'function');
      channel.cutOff(refusal, invocation.requestId);
    }
    this.#giveGrace(invocation);
  }

  #giveGrace(invocation: Invocation): void {
    clearTimeout(invocation.timer);
    if (this.vm.running.has(invocation)) {
      invocation.timer = setTimeout(() => {
        invocation.abandoned = true;
        this.#events.abandoned(invocation);
      }, this.#graceMs);
    }
  }

  #closeWhenOver(invocation: Invocation): void {
    const over = invocation.handlerSettled && invocation.answerOver;
    if (over && this.vm.running.delete(invocation)) {
      clearTimeout(invocation.timer);
      this.vm.meter.end(invocation.fn.name, invocation.mark, performance.now(), invocation.failed);
      this.#events.closed(invocation);
    }
  }
}

/** Fields of a log line about an invocation. */
export function scopeFields(invocation: Invocation): { function: string; requestId: string } {
  return { function: invocation.fn.name, requestId: invocation.requestId };
}
