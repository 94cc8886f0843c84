import { randomUUID } from 'node:crypto';
import type { IncomingHttpHeaders, ServerResponse } from 'node:http';
import { HEADERS } from '../../api/agent-protocol.ts';
import { sendProblem } from '../http/answer.ts';
import { hideOwnHeaders } from '../http/headers.ts';
import { bindEvents } from '../host/bind-events.ts';
import { runIn } from '../host/scope.ts';
import type { Limits } from '../limits.ts';
import type { Handler } from '../load/handler.ts';
import { Refusal } from '../refusal.ts';
import { admit } from './admit.ts';
import type { InvocationBook } from './book.ts';
import type { Exchange } from './exchange.ts';
import type { Guard } from './guard.ts';
import type { Channel, Invocation } from './invocation.ts';
import { guardAnswer } from './answer-guard.ts';
import { Background } from './background.ts';
import { runNode } from './node.ts';

/** What every invocation needs. */
export interface Invoker {
  readonly book: InvocationBook;
  readonly guard: Guard;
  readonly limits: Limits;
}

/** Answers one invocation: admits it, runs the handler in its scope and closes it in the book. */
export function invoke(invoker: Invoker, exchange: Exchange): void {
  const { book, guard } = invoker;
  const { req, res } = exchange;
  const requestId = requestIdOf(req.headers);
  const fn = admit(book.vm, req.headers, req.url ?? '');
  if (fn instanceof Refusal) {
    sendProblem(res, fn, requestId);
    return;
  }
  hideOwnHeaders(req);
  const invocation = book.open(fn, requestId, httpChannel(res));
  res.once('close', () => {
    book.answerOver(invocation, res.writableFinished);
  });
  const uncaught = guard.uncaught.bind(guard);
  bindEvents(req, invocation, uncaught);
  bindEvents(res, invocation, uncaught);
  guardAnswer(res, (error) => {
    book.failed(invocation, error);
  });
  runIn(invocation, () => {
    const { handler } = fn;
    const work =
      handler === undefined
        ? loadThenCall(invoker, invocation, exchange)
        : call(invoker, handler, invocation, exchange);
    work.then(
      () => {
        book.settled(invocation);
      },
      (error: unknown) => {
        book.failed(invocation, error);
      },
    );
  });
}

/** The gateway's id, or a new one for whoever calls without. */
export function requestIdOf(headers: IncomingHttpHeaders): string {
  const given = headers[HEADERS.requestId];
  return typeof given === 'string' && given !== '' ? given : randomUUID();
}

function httpChannel(res: ServerResponse): Channel {
  return {
    lasting: false,
    get begun() {
      return res.headersSent;
    },
    refuse(refusal, requestId) {
      if (!res.writableEnded) {
        sendProblem(res, refusal, requestId);
      }
    },
    cutOff(refusal, requestId) {
      sendProblem(res, refusal, requestId);
    },
  };
}

async function loadThenCall(
  invoker: Invoker,
  invocation: Invocation,
  exchange: Exchange,
): Promise<void> {
  const handler = await invocation.fn.load();
  if (!invocation.answerOver) {
    await call(invoker, handler, invocation, exchange);
  }
}

/** Settles when the handler has. The two richer signatures come with their first call. */
async function call(
  { limits, guard }: Invoker,
  handler: Handler,
  invocation: Invocation,
  exchange: Exchange,
): Promise<void> {
  switch (handler.signature) {
    case 'Node':
      await runNode(handler.call, invocation, exchange);
      return;
    case 'Fetch': {
      const { runFetch } = await import('./fetch.ts');
      const background = new Background(invocation, (error) => {
        guard.failedBehind(invocation, error);
      });
      await runFetch(handler.call, invocation, exchange, background);
      return;
    }
    case 'Lambda': {
      const { runLambda } = await import('./lambda.ts');
      await runLambda(handler.call, invocation, exchange, limits.lambdaBodyBytes);
      return;
    }
  }
}
