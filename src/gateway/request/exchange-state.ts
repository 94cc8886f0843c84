import type { IncomingMessage } from 'node:http';
import type { Route } from '../../domain/routing/route.ts';
import type { Application } from '../capacity/application.ts';
import type { GatewayContext } from '../context.ts';
import { Answer } from '../http/answer.ts';
import type { ClientLink } from '../http/link.ts';
import type { ClientResponse } from '../http/response.ts';
import type { RequestHead } from '../http/request-head.ts';
import type { UpgradeRequest } from '../http/upgrade.ts';
import type { RequestRecord } from '../telemetry/request-record.ts';
import type { Attempt } from './attempt.ts';
import type { BodyPump } from './body-pump.ts';
import type { Tunnel } from './tunnel.ts';

/** `door`: not admitted yet. `queued`: no slot. `trying`: an attempt. `tunnel`: upgraded. `over`: accounted for. */
export type Phase = 'door' | 'queued' | 'trying' | 'tunnel' | 'over';

/** What one request is made of. */
export interface ExchangeParts {
  readonly req: IncomingMessage;
  readonly res: ClientResponse;
  readonly head: RequestHead;
  readonly link: ClientLink;
  readonly upgrade: UpgradeRequest | undefined;
}

/** What is known of a request at a moment: its phase, its times, what came of it so far. */
export class ExchangeState implements RequestRecord {
  phase: Phase = 'door';
  /** When queue or tunnel have lasted too long; clock of `performance.now()`, like all times here. */
  deadline = Infinity;
  readonly arrivedAt = performance.now();
  /** When the last attempt took its slot; 0 while there was none. */
  startedAt = 0;
  /** When the answer began; 0 while it has not. */
  answeredAt = 0;
  route: Route | undefined = undefined;
  application: Application | undefined = undefined;
  attempt: Attempt | undefined = undefined;
  attempts = 0;
  queued = false;
  place = -1;
  status = 0;
  /** Reason of the problem that was answered, or why the answer is incomplete. */
  reason = '';
  /** What is behind the reason, for the access log alone. */
  cause = '';
  /** Bytes that it keeps in memory while it waits. */
  heldBytes = 0;
  pump: BodyPump | undefined = undefined;
  tunnel: Tunnel | undefined = undefined;
  readonly answer: Answer;
  readonly context: GatewayContext;
  readonly req: IncomingMessage;
  readonly res: ClientResponse;
  readonly head: RequestHead;
  readonly link: ClientLink;
  readonly upgrade: UpgradeRequest | undefined;

  constructor(context: GatewayContext, parts: ExchangeParts) {
    this.context = context;
    this.req = parts.req;
    this.res = parts.res;
    this.head = parts.head;
    this.link = parts.link;
    this.upgrade = parts.upgrade;
    this.answer = new Answer(parts.res, context.options.timers.keepAliveMs);
  }

  get stage(): string {
    return this.phase === 'trying' ? (this.attempt?.phase ?? this.phase) : this.phase;
  }

  get vmId(): string {
    return this.attempt?.vm.vmId ?? '';
  }

  get bytesIn(): number {
    return this.tunnel?.bytesIn ?? this.pump?.bytes ?? 0;
  }

  get bytesOut(): number {
    return this.tunnel?.bytesOut ?? this.answer.bytes;
  }
}
