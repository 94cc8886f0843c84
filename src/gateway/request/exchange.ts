import { heldBytes } from '../../domain/dispatch/admission.ts';
import type { Verdict } from '../../domain/dispatch/failure.ts';
import type { Route } from '../../domain/routing/route.ts';
import type { OperatorRefusal, Slot, Waiter } from '../capacity/waiter.ts';
import type { ActiveRequest, GatewayContext } from '../context.ts';
import { LINGER_MS } from '../http/linger.ts';
import type { LinkedRequest } from '../http/link.ts';
import { sendProblem, type GatewayProblem } from '../http/refuse.ts';
import type { AnswerHead } from '../upstream/head.ts';
import { CHUNKED, hasBody, NO_BODY } from '../upstream/request.ts';
import { Attempt, type AttemptOwner } from './attempt.ts';
import { BodyPump, type PumpOwner } from './body-pump.ts';
import { ExchangeState, type ExchangeParts } from './exchange-state.ts';
import { bodyTimeout, bodyTooLarge, operatorRefused, queueFull, queueTimeout } from './problems.ts';
import { Tunnel } from './tunnel.ts';

/** One request from its arrival to its line in the access log, through any number of attempts. */
export class Exchange
  extends ExchangeState
  implements Waiter, AttemptOwner, ActiveRequest, LinkedRequest, PumpOwner
{
  next: Waiter | undefined = undefined;
  previous: Waiter | undefined = undefined;
  /** Path and query as the function gets them. */
  #target = '';
  /** The client was asked for the body. */
  #continued = false;
  /** Nothing that the client sends can be understood any more. */
  #unusable = false;
  #lastProblem: GatewayProblem | undefined = undefined;

  constructor(context: GatewayContext, parts: ExchangeParts) {
    super(context, parts);
    context.active.add(this);
    parts.link.begin(this);
  }

  get heardAt(): number {
    return Math.max(this.arrivedAt, this.pump?.lastAt ?? 0);
  }

  greet(): void {
    const { res, req } = this;
    // HTTP/1.0 knows no interim answers; a word in the middle of an answer would be part of it.
    if (!res.headersSent && req.httpVersionMinor > 0) res.writeContinue();
  }

  get functionName(): string {
    return this.route?.name ?? '';
  }

  /** Asks for a slot. @param target path and query for the function */
  admit(route: Route, target: string): void {
    const { dispatcher, options } = this.context;
    const { bodyBytes, forward } = this.head;
    this.#target = target;
    this.heldBytes = heldBytes(forward.length + target.length, this.#bytesBehind());
    const application = dispatcher.application(route.applicationId);
    this.application = application;
    if (hasBody(bodyBytes)) {
      this.pump = new BodyPump(this.req, bodyBytes, options.maxBodyBytes, this);
    }
    this.phase = 'queued';
    this.deadline = this.arrivedAt + options.timers.queueMs;
    const refusal = dispatcher.submit(this, application);
    if (refusal !== undefined) this.refuse(queueFull(refusal));
  }

  onRefused(why: OperatorRefusal): void {
    this.refuse(operatorRefused(why));
  }

  onSlot(slot: Slot): void {
    const { connectMs, firstByteMs, graceMs } = this.context.options.timers;
    const totalMs = (this.route?.timeoutMs ?? 0) + graceMs;
    const attempt = new Attempt(slot, { connectMs, firstByteMs, totalMs }, this);
    this.phase = 'trying';
    this.attempts += 1;
    this.startedAt = attempt.startedAt;
    this.attempt = attempt;
    attempt.send({
      method: this.req.method ?? 'GET',
      target: this.#target,
      forward: this.head.forward,
      functionName: this.functionName,
      requestId: this.head.requestId,
      bodyBytes: this.head.bodyBytes,
    });
  }

  onSent(): void {
    if (this.pump === undefined || this.attempt === undefined) return;
    // The client is asked for the body only now that somebody will take it.
    if (this.head.expectsContinue && !this.#continued) this.res.writeContinue();
    this.#continued = true;
    this.pump.attach(this.attempt.connection, performance.now());
  }

  onDrain(): void {
    if (this.tunnel === undefined) this.pump?.drained(performance.now());
    else this.tunnel.upstreamDrained();
  }

  onHead(head: AnswerHead): void {
    this.pump?.forget();
    this.answeredAt = performance.now();
    this.status = head.status;
    this.reason = head.error ?? '';
    this.answer.head(head, this.head.requestId, this.#isLast(false));
  }

  onData(bytes: Buffer, last: boolean): void {
    this.answer.data(bytes, last, this.attempt?.connection);
  }

  onPause(): void {
    this.answer.flush();
  }

  onEnd(): void {
    this.answer.end();
    this.#over();
  }

  onUpgrade(head: AnswerHead, rest: Buffer): void {
    const { attempt, upgrade } = this;
    if (attempt === undefined || upgrade === undefined || head.upgrade === undefined) {
      throw new Error('The function switched protocols, and nobody had asked for that.');
    }
    this.phase = 'tunnel';
    this.answeredAt = performance.now();
    this.deadline = this.answeredAt + this.context.options.timers.tunnelMs;
    this.status = 101;
    this.res.detachSocket(upgrade.socket);
    this.tunnel = new Tunnel(upgrade, attempt.connection, () => {
      this.#over();
    });
    this.tunnel.open(head, this.head.requestId, rest);
  }

  /** Tries again what can be tried again; answers with the failure otherwise. */
  onFailed({ counts, retry, problem }: Verdict): void {
    if (counts) this.#lastProblem = problem;
    else this.attempts -= 1;
    const sendable = this.pump?.replayable !== false;
    const bounded = this.attempts < this.context.options.maxAttempts;
    if (retry && sendable && bounded) this.#again();
    else this.refuse(problem);
  }

  check(now: number): void {
    if (this.phase === 'queued') this.#checkQueue(now);
    else if (this.phase === 'trying') this.#checkAttempt(now);
    else if (this.phase === 'tunnel') this.#checkTunnel(now);
  }

  /** Ends a tunnel so that its client comes back elsewhere; one that stays is cut. Nothing for other phases. */
  goAway(reason: string): void {
    if (this.tunnel?.goAway() !== true) return;
    this.reason = reason;
    this.deadline = performance.now() + LINGER_MS;
  }

  bodyTooLarge(): void {
    this.refuse(bodyTooLarge(this.context.options.maxBodyBytes));
  }

  /** Where the request ends, nobody can tell: the connection ends here. */
  badFraming(problem: GatewayProblem): void {
    this.#unusable = true;
    this.refuse(problem);
  }

  /** The client's connection is gone: the slot is free again, or the place in the queue. */
  clientLeft(): void {
    if (this.phase === 'over') return;
    if (this.status === 0) this.status = 499;
    if (this.phase !== 'tunnel') this.reason = 'ClientLeft';
    this.#giveUp();
  }

  /** Ends the exchange with a problem, whatever it is doing; an answer that has begun is broken off. */
  refuse(problem: GatewayProblem): void {
    if (this.phase === 'over') return;
    this.cause = problem.cause ?? '';
    if (this.res.headersSent || this.phase === 'tunnel') {
      this.breakOff(problem.reason);
      return;
    }
    this.status = problem.status;
    this.reason = problem.reason;
    this.#giveUp(() => {
      const { bodyBytes, expectsContinue } = this.head;
      if (bodyBytes !== NO_BODY) this.pump ??= new BodyPump(this.req, bodyBytes, 0, this);
      this.pump?.discard();
      // Whether a body follows that was never asked for, nobody can tell.
      const unsure = expectsContinue && !this.#continued;
      const close = this.#isLast(unsure || this.#unusable || this.upgrade !== undefined);
      this.answer.bytes = sendProblem(this.res, problem, this.head.requestId, close);
    });
  }

  /** Half an answer must not look like a whole one: the client's connection is cut. */
  breakOff(reason: string): void {
    if (this.phase === 'over') return;
    this.reason = reason;
    this.#giveUp(() => this.res.destroy());
  }

  /** Declared bytes behind the head; {@link CHUNKED} when nobody knows, as with an upgrade. */
  #bytesBehind(): number {
    if (this.upgrade !== undefined) return CHUNKED;
    return this.head.bodyBytes === NO_BODY ? 0 : this.head.bodyBytes;
  }

  /** Whether the connection ends behind the answer. @param must it has to */
  #isLast(must: boolean): boolean {
    const { link } = this;
    if (!must && !this.context.draining && this.pump?.isLong !== true) return link.isLast(this);
    link.closing = true;
    return true;
  }

  #checkQueue(now: number): void {
    if (this.deadline > now) return;
    const { queueMs } = this.context.options.timers;
    this.refuse(
      this.#lastProblem ?? queueTimeout(queueMs, this.application?.refusalOf(this.functionName)),
    );
  }

  #checkAttempt(now: number): void {
    const { attempt, pump } = this;
    const { bodyIdleMs } = this.context.options.timers;
    if (attempt !== undefined && attempt.deadline <= now) {
      // Whose answer had to wait for its client may have no slow VM.
      if (this.answer.slowed) this.breakOff('TotalTimeout');
      else attempt.expire(now);
    } else if (pump?.waits === true && now - pump.lastAt > bodyIdleMs) {
      this.refuse(bodyTimeout(bodyIdleMs));
    }
  }

  #checkTunnel(now: number): void {
    const idleMs = now - (this.tunnel?.lastAt ?? now);
    if (this.deadline <= now && this.tunnel?.leaving === true) this.#giveUp();
    else if (this.deadline <= now) this.goAway('TunnelTimeout');
    else if (this.attempt?.vm.removed === true) this.goAway('VmDraining');
    else if (idleMs > this.context.options.timers.tunnelIdleMs) this.goAway('TunnelIdle');
  }

  #again(): void {
    const { application } = this;
    if (application === undefined) return;
    this.attempt = undefined;
    this.pump?.detach();
    this.phase = 'queued';
    this.deadline = this.arrivedAt + this.context.options.timers.queueMs;
    this.context.recorder.retries += 1;
    this.context.dispatcher.restore(this, application);
  }

  /** Leaves queue or VM, then lets `last` say something to the client. */
  #giveUp(last?: () => void): void {
    const { application } = this;
    if (application !== undefined) this.context.dispatcher.leave(this, application);
    last?.();
    this.#over();
  }

  #over(): void {
    if (this.phase === 'over') return;
    this.phase = 'over';
    this.context.active.delete(this);
    this.link.over(this);
    if (this.pump !== undefined && !this.pump.complete && !this.res.destroyed) this.pump.discard();
    this.context.recorder.record(this);
    this.tunnel?.close();
    this.attempt?.cancel();
  }
}
