import type { HostedFunction } from '../function.ts';
import type { MeterMark } from '../meter.ts';
import type { Refusal } from '../refusal.ts';

/** The client's side of an invocation: an HTTP answer or an upgraded connection. */
export interface Channel {
  /** Answers with a problem, or breaks the connection when an answer has begun. Does nothing after its end. */
  refuse(refusal: Refusal, requestId: string): void;
  /** The same, and breaks the connection also of an answer that ended but that nobody has read. */
  cutOff(refusal: Refusal, requestId: string): void;
  /** True from the first byte of the function's answer on. */
  readonly begun: boolean;
  /** An upgraded connection may outlive the function's timeout once it has begun. */
  readonly lasting: boolean;
}

/**
 * One call of a function, from the slot that it takes to the slot that it gives
 * back: when its handler has settled *and* its answer is over.
 */
export class Invocation {
  readonly fn: HostedFunction;
  readonly requestId: string;
  readonly channel: Channel;
  readonly mark: MeterMark;
  /** The scope that its code runs in: itself. */
  readonly invocation: this;
  handlerSettled = false;
  answerOver = false;
  failed = false;
  /** Ignored its timeout; its slot is lost and the VM with it. */
  abandoned = false;
  timer: NodeJS.Timeout | undefined;
  /** What a fetch handler was given, kept for as long as it may listen to it. */
  request: object | undefined;
  #controller: AbortController | undefined;
  #abortReason: Error | undefined;

  constructor(fn: HostedFunction, requestId: string, channel: Channel, mark: MeterMark) {
    this.fn = fn;
    this.requestId = requestId;
    this.channel = channel;
    this.mark = mark;
    this.invocation = this;
  }

  /** Aborted by timeout or a client that leaves. Made on demand: most handlers never ask. */
  get signal(): AbortSignal {
    if (this.#controller === undefined) {
      this.#controller = new AbortController();
      if (this.#abortReason !== undefined) {
        this.#controller.abort(this.#abortReason);
      }
    }
    return this.#controller.signal;
  }

  /** The first reason stays. */
  abort(reason: Error): void {
    if (this.#abortReason === undefined) {
      this.#abortReason = reason;
      this.#controller?.abort(reason);
    }
  }

  /** On the clock of `performance.now()`. */
  get deadline(): number {
    return this.mark.at + this.fn.spec.timeoutMs;
  }
}
