import {
  isRefusal,
  judge,
  type AttemptFailure,
  type Verdict,
} from '../../domain/dispatch/failure.ts';
import { messageOf } from '../../runtime/errors.ts';
import type { Slot } from '../capacity/waiter.ts';
import type { Vm } from '../capacity/vm.ts';
import type { UpstreamConnection } from '../upstream/connection.ts';
import type { AnswerHead } from '../upstream/head.ts';
import type { ConnectionFailure, Receiver } from '../upstream/receiver.ts';
import { hasBody, requestHead, type UpstreamRequest } from '../upstream/request.ts';

/** Milliseconds. */
export interface AttemptTimes {
  /** Until the connection stands. */
  readonly connectMs: number;
  /** From the slot to the head of the answer; 0: only the total counts. */
  readonly firstByteMs: number;
  /** From the slot to the end of the answer. */
  readonly totalMs: number;
}

/**
 * Who hears how an attempt goes. Bytes are only valid during the call. After `onEnd` and
 * `onFailed` nothing more comes; after `onUpgrade` the connection is the owner's to read.
 */
export interface AttemptOwner {
  /** The head is sent: the body may follow. */
  onSent(): void;
  /** Room for more of the body. */
  onDrain(): void;
  /** @throws Error when the answer cannot be passed on */
  onHead(head: AnswerHead): void;
  onData(bytes: Buffer, last: boolean): void;
  onPause(): void;
  onEnd(): void;
  /** @throws Error when nobody had asked for it */
  onUpgrade(head: AnswerHead, rest: Buffer): void;
  /** The slot is given back. */
  onFailed(verdict: Verdict): void;
}

/** `connecting`: nothing is sent. `waiting`: for the head of the answer. `answering`: its body. */
export type AttemptPhase = 'connecting' | 'waiting' | 'answering' | 'upgraded' | 'over';

/**
 * One try to have a request answered by a VM, from the slot that it holds to the verdict on how
 * it went. Where the request comes from and where the answer goes is its owner's knowledge.
 */
export class Attempt implements Receiver {
  phase: AttemptPhase = 'connecting';
  /** When the present phase has lasted too long; clock of `performance.now()`, like all times here. */
  deadline: number;
  readonly startedAt = performance.now();
  readonly connection: UpstreamConnection;
  readonly #slot: Slot;
  readonly #times: AttemptTimes;
  readonly #owner: AttemptOwner;

  constructor(slot: Slot, times: AttemptTimes, owner: AttemptOwner) {
    this.#slot = slot;
    this.#times = times;
    this.#owner = owner;
    this.connection = slot.vm.connection();
    this.deadline = this.connection.connected ? Infinity : this.startedAt + times.connectMs;
  }

  get vm(): Vm {
    return this.#slot.vm;
  }

  send(request: UpstreamRequest): void {
    const head = requestHead(request, this.vm.token);
    this.connection.send(this, request.method, head, hasBody(request.bodyBytes));
  }

  /** Gives connection and slot back; the owner hears nothing more. */
  cancel(): void {
    if (this.phase === 'over') return;
    this.phase = 'over';
    this.connection.destroy();
    this.#slot.release(undefined);
  }

  /** The present phase has lasted too long. */
  expire(now: number): void {
    const ms = Math.round(now - this.startedAt);
    if (this.phase === 'connecting') {
      this.#fail({ kind: 'connect', detail: `No connection within ${ms} ms.`, timedOut: true });
    } else {
      const total = this.deadline >= this.#totalDeadline;
      this.#fail({ kind: 'silent', detail: `No whole answer within ${ms} ms.`, total });
    }
  }

  onSent(): void {
    const { firstByteMs } = this.#times;
    this.phase = 'waiting';
    this.deadline = this.#totalDeadline;
    if (firstByteMs > 0) this.deadline = Math.min(this.deadline, this.startedAt + firstByteMs);
    this.#owner.onSent();
  }

  onDrain(): void {
    this.#owner.onDrain();
  }

  onHead(head: AnswerHead): void {
    this.vm.heard = true;
    if (isRefusal(head.status, head.error)) {
      this.#fail({ kind: 'refused', reason: head.error ?? '' });
      return;
    }
    this.phase = 'answering';
    this.deadline = this.#totalDeadline;
    try {
      this.#owner.onHead(head);
    } catch (error) {
      this.#fail({ kind: 'invalid', detail: messageOf(error) });
    }
  }

  onData(bytes: Buffer, last: boolean): void {
    this.vm.heard = true;
    if (this.phase === 'answering') this.#owner.onData(bytes, last);
  }

  onPause(): void {
    this.#owner.onPause();
  }

  onEnd(): void {
    const now = performance.now();
    this.phase = 'over';
    this.vm.keep(this.connection, now);
    this.#owner.onEnd();
    this.#slot.release(now - this.startedAt);
  }

  /** The slot is held on. */
  onUpgrade(head: AnswerHead, rest: Buffer): void {
    this.phase = 'upgraded';
    this.deadline = Infinity;
    try {
      this.#owner.onUpgrade(head, rest);
    } catch (error) {
      this.#fail({ kind: 'invalid', detail: messageOf(error) });
    }
  }

  onFailure({ kind, detail }: ConnectionFailure): void {
    this.#fail(kind === 'connect' ? { kind, detail, timedOut: false } : { kind, detail });
  }

  get #totalDeadline(): number {
    return this.startedAt + this.#times.totalMs;
  }

  #fail(failure: AttemptFailure): void {
    if (this.phase === 'over') return;
    this.phase = 'over';
    this.connection.destroy();
    const verdict = judge(failure);
    this.#slot.judged(verdict);
    this.#slot.release(undefined);
    this.#owner.onFailed(verdict);
  }
}
