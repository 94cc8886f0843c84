import type { IncomingMessage } from 'node:http';
import { describe } from '../load/failure.ts';
import type { LambdaHandler } from '../load/handler.ts';
import { Refusal } from '../refusal.ts';
import type { Invocation } from './invocation.ts';
import { lambdaContext, type Completion } from './lambda-context.ts';
import { toEvent } from './lambda-event.ts';
import { toAnswer } from './lambda-result.ts';
import { isResponse, sendResponse } from './response.ts';
import type { Exchange } from './exchange.ts';

/**
 * Runs an AWS-Lambda-style handler with an event of the function URL's payload
 * format 2.0. The whole body stands in memory, so it has at most `maxBytes`.
 */
export async function runLambda(
  handler: LambdaHandler,
  invocation: Invocation,
  { req, res }: Exchange,
  maxBytes: number,
): Promise<void> {
  const body = await readBody(req, maxBytes);
  const event = toEvent({
    method: req.method ?? 'GET',
    url: req.url ?? '/',
    headers: req.headersDistinct,
    httpVersion: req.httpVersion,
    remoteAddress: req.socket.remoteAddress ?? '',
    requestId: invocation.requestId,
    functionName: invocation.fn.name,
    now: Date.now(),
    body,
  });
  const result = await call(handler, event, invocation);
  if (isResponse(result)) {
    await sendResponse(result, invocation, res);
    return;
  }
  const answer = toAnswer(result);
  if (!res.writableEnded && !invocation.answerOver) {
    res.writeHead(answer.status, answer.headers);
    res.end(answer.body);
  }
}

/** The first word counts: of the callback, of the context's methods, of the promise or value that is returned. */
async function call(
  handler: LambdaHandler,
  event: unknown,
  invocation: Invocation,
): Promise<unknown> {
  const completion = Promise.withResolvers<unknown>();
  const finish: Completion = (error, result) => {
    if (error === undefined || error === null) {
      completion.resolve(result);
    } else {
      completion.reject(error instanceof Error ? error : new Error(describe(error)));
    }
  };
  const result = handler(event, lambdaContext(invocation, finish), finish);
  if (isThenable(result)) {
    result.then(completion.resolve, completion.reject);
  } else if (isResult(handler, result)) {
    completion.resolve(isHandle(result) ? undefined : result);
  }
  return completion.promise;
}

/** Whether what a handler returned at once is its result, or it may still call back. */
function isResult(handler: LambdaHandler, value: unknown): boolean {
  // AWS's runtime does not look at it either: `callback => db.query(…, callback)` returns all kinds of things.
  if (handler.length >= 3) return false;
  const nothing = value === undefined || isHandle(value);
  return !nothing || (handler.length < 2 && !takesMore(handler));
}

/** Timers, sockets, streams: returned by one-line handlers that answer later. */
function isHandle(value: unknown): boolean {
  const { hasRef, on } = (value ?? {}) as { hasRef?: unknown; on?: unknown };
  return typeof hasRef === 'function' || typeof on === 'function';
}

/** Whether a function that declares less may get at context and callback all the same. */
function takesMore(handler: LambdaHandler): boolean {
  return /\barguments\b|\.\.\.|\[native code\]/.test(Function.prototype.toString.call(handler));
}

function isThenable(value: unknown): value is PromiseLike<unknown> {
  return typeof (value as { then?: unknown } | null | undefined)?.then === 'function';
}

async function readBody(req: IncomingMessage, maxBytes: number): Promise<Buffer> {
  const parts: Buffer[] = [];
  let size = Number(req.headers['content-length'] ?? 0);
  checkSize(size, maxBytes);
  size = 0;
  // Not an iterator: one that is left early would destroy the connection before the answer.
  const done = Promise.withResolvers<undefined>();
  req.on('data', (chunk: Buffer) => {
    size += chunk.length;
    if (size > maxBytes) {
      done.resolve(undefined);
    } else {
      parts.push(chunk);
    }
  });
  req.once('end', () => {
    done.resolve(undefined);
  });
  req.once('close', () => {
    done.reject(new DOMException('The client has left.', 'AbortError'));
  });
  await done.promise;
  checkSize(size, maxBytes);
  return Buffer.concat(parts);
}

function checkSize(size: number, maxBytes: number): void {
  if (size > maxBytes) {
    const detail = `A Lambda-style function takes request bodies of at most ${maxBytes} bytes.`;
    throw new Refusal(413, 'BodyTooLarge', detail);
  }
}
