import { ServerResponse, type IncomingMessage } from 'node:http';
import type { Duplex } from 'node:stream';
import { bindEvents } from '../host/bind-events.ts';
import { runIn } from '../host/scope.ts';
import { HEADERS } from '../../api/agent-protocol.ts';
import { sendProblem } from '../http/answer.ts';
import { hideOwnHeaders } from '../http/headers.ts';
import { Refusal } from '../refusal.ts';
import { admit } from './admit.ts';
import type { Channel, Invocation } from './invocation.ts';
import { requestIdOf, type Invoker } from './run.ts';

/** A connection that leaves HTTP, with the bytes that came behind its request. */
export interface Upgrade {
  readonly req: IncomingMessage;
  readonly socket: Duplex;
  readonly head: Buffer;
}

/**
 * Whether a request with an `upgrade` header goes to {@link upgrade}; otherwise
 * it is a request like any other (as HTTP asks of servers that do not upgrade),
 * refusals included. A function that is not loaded yet may turn out to take upgrades.
 */
export function takesUpgrade({ book }: Invoker, req: IncomingMessage): boolean {
  if (req.headers[HEADERS.function] === undefined || req.headers.upgrade === 'h2c') {
    return false;
  }
  const fn = admit(book.vm, req.headers, req.url ?? '');
  if (fn instanceof Refusal) {
    return false;
  }
  const { handler } = fn;
  return handler === undefined || (handler.signature === 'Node' && handler.upgrade !== undefined);
}

/** Gives the connection to the function; it holds a slot until the socket closes. */
export function upgrade({ book, guard }: Invoker, exchange: Upgrade): void {
  const { req, socket } = exchange;
  const requestId = requestIdOf(req.headers);
  const fn = admit(book.vm, req.headers, req.url ?? '');
  if (fn instanceof Refusal) {
    refuseUpgrade(exchange, fn, requestId);
    return;
  }
  hideOwnHeaders(req);
  const invocation = book.open(fn, requestId, upgradeChannel(exchange));
  const uncaught = guard.uncaught.bind(guard);
  // Without a listener of ours a client that resets the connection would count as the function's failure.
  socket.on('error', () => socket.destroy());
  socket.once('close', () => {
    book.answerOver(invocation, true);
  });
  bindEvents(req, invocation, uncaught);
  bindEvents(socket, invocation, uncaught);
  runIn(invocation, () => {
    handOver(invocation, exchange).then(
      () => {
        book.settled(invocation);
      },
      (error: unknown) => {
        book.failed(invocation, error);
      },
    );
  });
}

async function handOver(invocation: Invocation, { req, socket, head }: Upgrade): Promise<void> {
  const { fn } = invocation;
  const handler = fn.handler ?? (await fn.load());
  if (handler.signature !== 'Node' || handler.upgrade === undefined) {
    const detail = `The function ${fn.name} takes no upgrades: its module exports no "upgrade".`;
    throw new Refusal(501, 'UpgradeUnsupported', detail, 'function');
  }
  if (!invocation.answerOver) {
    await handler.upgrade(req, socket, head);
  }
}

function upgradeChannel(exchange: Upgrade): Channel {
  const { socket } = exchange;
  const begun = (): boolean => (socket as { bytesWritten?: number }).bytesWritten !== start;
  const start = (socket as { bytesWritten?: number }).bytesWritten;
  const refuse = (refusal: Refusal, requestId: string): void => {
    if (begun()) {
      socket.destroy();
    } else {
      refuseUpgrade(exchange, refusal, requestId);
    }
  };
  return {
    lasting: true,
    get begun() {
      return begun();
    },
    refuse,
    cutOff: refuse,
  };
}

function refuseUpgrade({ req, socket }: Upgrade, refusal: Refusal, requestId: string): void {
  if (socket.destroyed || !socket.writable) {
    socket.destroy();
    return;
  }
  const res = new ServerResponse(req);
  res.shouldKeepAlive = false;
  res.assignSocket(socket as Parameters<typeof res.assignSocket>[0]);
  res.once('finish', () => socket.end(() => socket.destroy()));
  sendProblem(res, refusal, requestId);
}
