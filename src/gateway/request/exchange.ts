import { heldBytes } from '../../domain/dispatch/admission.ts';
import { isRefusal, judge, type AttemptFailure } from '../../domain/dispatch/failure.ts';
import type { Queued } from '../../domain/dispatch/containers/fifo.ts';
import type { Rostered } from '../../domain/dispatch/containers/roster.ts';
import type { Route } from '../../domain/routing/route.ts';
import type { Application } from '../capacity/application.ts';
import { BodyPump } from './body-pump.ts';
import type { GatewayContext } from '../context.ts';
import { LINGER_MS } from '../http/linger.ts';
import { sendProblem, type GatewayProblem } from '../http/refuse.ts';
import { NO_BODY } from '../http/request-head.ts';
import { bodyTooLarge, connectTimeout, silence, queueFull, queueTimeout } from './problems.ts';
import { Tunnel } from './tunnel.ts';
import { ExchangeState, type ExchangeParts } from './exchange-state.ts';
import { requestHead } from '../upstream/request.ts';
import type { UpstreamConnection } from '../upstream/connection.ts';
import type { AnswerHead } from '../upstream/head.ts';
import type { ConnectionFailure, Receiver } from '../upstream/receiver.ts';
import type { Vm } from '../capacity/vm.ts';

/** One request from its arrival to its line in the access log, through any number of attempts. */
export class Exchange extends ExchangeState implements Queued<Exchange>, Rostered, Receiver {
  next: Exchange | undefined = undefined;
  previous: Exchange | undefined = undefined;
  /** Path and query as the function gets them. */
  #target = '';
  #connection: UpstreamConnection | undefined = undefined;
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

  /** Asks for a slot. @param target path and query for the function */
  admit(route: Route, target: string): void {
    const { dispatcher, options } = this.context;
    const { head } = this;
    this.#target = target;
    this.heldBytes = heldBytes(
      head.forward.length + target.length,
      head.bodyBytes === NO_BODY ? 0 : head.bodyBytes,
    );
    const application = dispatcher.application(route.applicationId);
    this.application = application;
    if (head.bodyBytes !== NO_BODY && head.bodyBytes !== 0) {
      this.pump = new BodyPump(this.req, head.bodyBytes, options.maxBodyBytes, this);
    }
    this.phase = 'queued';
    this.deadline = this.arrivedAt + options.timers.queueMs;
    const refusal = dispatcher.submit(this, application);
    if (refusal !== undefined) this.refuse(queueFull(refusal));
  }

  /** Begins an attempt; the slot is taken. */
  start(vm: Vm): void {
    const { timers } = this.context.options;
    this.vm = vm;
    this.attempts += 1;
    this.startedAt = performance.now();
    const connection = vm.connection();
    this.#connection = connection;
    this.phase = 'connecting';
    this.deadline = connection.connected ? Infinity : this.startedAt + timers.connectMs;
    const method = this.req.method ?? 'GET';
    const head = requestHead({
      method,
      target: this.#target,
      forward: this.head.forward,
      functionName: this.route?.name ?? '',
      token: vm.token,
      requestId: this.head.requestId,
      bodyBytes: this.head.bodyBytes,
    });
    connection.send(this, method, head, this.pump !== undefined);
  }

  onSent(): void {
    const { timers } = this.context.options;
    this.phase = 'waiting';
    const total = this.totalDeadline;
    const { firstByteMs } = timers;
    this.deadline = firstByteMs > 0 ? Math.min(total, this.startedAt + firstByteMs) : total;
    if (this.pump === undefined || this.#connection === undefined) return;
    // The client is asked for the body only now that somebody will take it.
    if (this.head.expectsContinue && !this.#continued) this.res.writeContinue();
    this.#continued = true;
    this.pump.attach(this.#connection, performance.now());
  }

  onDrain(): void {
    if (this.tunnel === undefined) this.pump?.drained(performance.now());
    else this.tunnel.upstreamDrained();
  }

  onHead(head: AnswerHead): void {
    if (isRefusal(head.status, head.error)) {
      this.#connection?.destroy();
      this.#attemptFailed({ kind: 'refused', reason: head.error ?? '' });
      return;
    }
    this.pump?.forget();
    this.phase = 'answering';
    this.deadline = this.totalDeadline;
    this.answeredAt = performance.now();
    this.status = head.status;
    this.reason = head.error ?? '';
    try {
      this.answer.head(head, this.head.requestId, this.context.draining);
    } catch (error) {
      this.#connection?.destroy();
      this.#attemptFailed({ kind: 'invalid', detail: String(error) });
    }
  }

  onData(bytes: Buffer, last: boolean): void {
    if (this.phase === 'answering') this.answer.data(bytes, last, this.#connection);
  }

  onPause(): void {
    this.answer.flush();
  }

  onEnd(): void {
    const connection = this.#connection;
    this.#connection = undefined;
    this.answer.end();
    const now = performance.now();
    if (connection !== undefined) this.vm?.keep(connection, now);
    this.#over(now - this.startedAt);
  }

  onUpgrade(head: AnswerHead, rest: Buffer): void {
    const connection = this.#connection;
    if (connection === undefined) return;
    if (this.upgrade === undefined || head.upgrade === undefined) {
      connection.destroy();
      const detail = 'The function switched protocols, and nobody had asked for that.';
      this.#attemptFailed({ kind: 'invalid', detail });
      return;
    }
    this.phase = 'tunnel';
    this.answeredAt = performance.now();
    this.deadline = this.answeredAt + this.context.options.timers.tunnelMs;
    this.status = 101;
    this.res.detachSocket(this.upgrade.socket);
    this.tunnel = new Tunnel(this.upgrade, connection, () => {
      this.#over(undefined);
    });
    this.tunnel.open(head, this.head.requestId, rest);
  }

  onFailure(failure: ConnectionFailure): void {
    const { kind, detail } = failure;
    this.#attemptFailed(kind === 'connect' ? { kind, detail, timedOut: false } : { kind, detail });
  }

  /** The present phase has lasted too long. */
  expire(): void {
    const { timers } = this.context.options;
    switch (this.phase) {
      case 'queued':
        this.refuse(this.#lastProblem ?? queueTimeout(timers.queueMs, this.application?.refusal));
        return;
      case 'connecting':
        this.#attemptFailed(connectTimeout(timers.connectMs));
        return;
      case 'waiting':
      case 'answering':
        this.#tooLate();
        return;
      case 'tunnel':
        if (this.tunnel?.leaving === true) this.#giveUp();
        else this.goAway('TunnelTimeout');
        return;
      default:
    }
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
      const close = unsure || this.#unusable || this.context.draining || this.upgrade !== undefined;
      this.answer.bytes = sendProblem(this.res, problem, this.head.requestId, close);
    });
  }

  /** Half an answer must not look like a whole one: the client's connection is cut. */
  breakOff(reason: string): void {
    if (this.phase === 'over') return;
    this.reason = reason;
    this.#giveUp(() => this.res.destroy());
  }

  #tooLate(): void {
    const total = this.deadline >= this.totalDeadline;
    // Who lets the answer wait for itself has no slow VM.
    if (this.answer.blocked) this.breakOff('TotalTimeout');
    else this.#attemptFailed(silence(performance.now() - this.startedAt, total));
  }

  /** Tries again what can be tried again; answers with the failure otherwise. */
  #attemptFailed(failure: AttemptFailure): void {
    const { vm, application } = this;
    if (vm === undefined || application === undefined) return;
    const verdict = judge(failure);
    this.context.dispatcher.judged(vm, verdict);
    if (verdict.suspect) this.context.suspect(vm, verdict.word);
    if (verdict.counts) this.#lastProblem = verdict.problem;
    else this.attempts -= 1;
    const sendable = this.pump?.replayable !== false;
    const bounded = this.attempts < this.context.options.maxAttempts;
    if (verdict.retry && sendable && bounded) this.#again(application);
    else this.refuse(verdict.problem);
  }

  #again(application: Application): void {
    this.#releaseSlot(undefined);
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
    this.#over(undefined);
  }

  #over(serviceMs: number | undefined): void {
    if (this.phase === 'over') return;
    this.phase = 'over';
    this.deadline = Infinity;
    this.context.active.delete(this);
    this.link.over(this);
    if (this.pump !== undefined && !this.pump.complete && !this.res.destroyed) this.pump.discard();
    this.context.recorder.record(this);
    this.#releaseSlot(serviceMs);
  }

  #releaseSlot(serviceMs: number | undefined): void {
    const { vm, application } = this;
    this.tunnel?.close();
    this.#connection?.destroy();
    this.#connection = undefined;
    this.vm = undefined;
    if (vm !== undefined && application !== undefined) {
      this.context.dispatcher.release(application, vm, serviceMs);
    }
  }
}
