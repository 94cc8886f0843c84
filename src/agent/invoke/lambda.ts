import type { IncomingMessage } from 'node:http';
import { describe } from '../load/failure.ts';
import type { LambdaHandler } from '../load/handler.ts';
import { Refusal } from '../refusal.ts';
import type { Invocation } from './invocation.ts';
import { lambdaContext, type Completion } from './lambda-context.ts';
import { toEvent } from './lambda-event.ts';
import { toAnswer } from './lambda-result.ts';
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
  const answer = toAnswer(await call(handler, event, invocation));
  if (!res.writableEnded && !invocation.answerOver) {
    res.writeHead(answer.status, answer.headers);
    res.end(answer.body);
  }
}

/** A promise, a callback or a plain value: whichever the handler uses. */
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
    return Promise.race([result, completion.promise]);
  }
  return handler.length >= 3 || result === undefined ? completion.promise : result;
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
