import type { IncomingMessage } from 'node:http';
import type { LambdaHandler } from '../load/handler.ts';
import { Refusal } from '../refusal.ts';
import type { Invocation } from './invocation.ts';
import { lambdaContext, type Completion } from './lambda-context.ts';
import { toEvent } from './lambda-event.ts';
import { toAnswer } from './lambda-result.ts';
import type { Exchange } from './run.ts';

/** As much as AWS Lambda takes; the whole body stands in memory. */
const MAX_BODY = 6 * 1024 * 1024;

/** Runs an AWS-Lambda-style handler with an event of the function URL's payload format 2.0. */
export async function runLambda(
  handler: LambdaHandler,
  invocation: Invocation,
  { req, res }: Exchange,
): Promise<void> {
  const body = await readBody(req);
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
      completion.reject(error instanceof Error ? error : new Error(String(error)));
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

async function readBody(req: IncomingMessage): Promise<Buffer> {
  const parts: Buffer[] = [];
  let size = 0;
  for await (const chunk of req as AsyncIterable<Buffer>) {
    size += chunk.length;
    if (size > MAX_BODY) {
      const detail = `A Lambda-style function takes bodies of at most ${MAX_BODY} bytes.`;
      throw new Refusal(413, 'BodyTooLarge', detail);
    }
    parts.push(chunk);
  }
  return Buffer.concat(parts);
}
