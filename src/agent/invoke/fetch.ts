import type { IncomingMessage, ServerResponse } from 'node:http';
import { isOwn } from '../http/headers.ts';
import type { FetchHandler } from '../load/handler.ts';
import { Refusal } from '../refusal.ts';
import { bodyStream } from './body-stream.ts';
import type { Invocation } from './invocation.ts';
import type { Exchange } from './exchange.ts';

/** Runs a Web-standard handler: a real `Request` in, a `Response` out, bodies streamed both ways. */
export async function runFetch(
  handler: FetchHandler,
  invocation: Invocation,
  { req, res }: Exchange,
): Promise<void> {
  const response = await handler(toRequest(req, invocation.signal));
  if (!(response instanceof Response)) {
    const detail = 'The fetch handler did not return a Response.';
    throw new Refusal(500, 'InvalidAnswer', detail, 'function');
  }
  if (invocation.answerOver || res.writableEnded) {
    await response.body?.cancel();
    return;
  }
  res.writeHead(response.status, response.statusText, headerList(response));
  if (response.body === null || req.method === 'HEAD') {
    res.end();
    await response.body?.cancel();
    return;
  }
  await sendBody(response.body, res);
}

function toRequest(req: IncomingMessage, signal: AbortSignal): Request {
  const { method = 'GET' } = req;
  const hasBody = method !== 'GET' && method !== 'HEAD' && announcesBody(req);
  try {
    return new Request(urlOf(req), {
      method,
      headers: headerPairs(req.rawHeaders),
      signal,
      ...(hasBody ? { body: bodyStream(req), duplex: 'half' } : {}),
    });
  } catch (error) {
    const detail = `No Request can be made of this: ${(error as Error).message}`;
    throw new Refusal(400, 'RequestInvalid', detail);
  }
}

function announcesBody(req: IncomingMessage): boolean {
  const length = req.headers['content-length'];
  return req.headers['transfer-encoding'] !== undefined || (length !== undefined && length !== '0');
}

function urlOf(req: IncomingMessage): string {
  const host = req.headers.host ?? 'localhost';
  const forwarded = req.headers['x-forwarded-proto'];
  const scheme = forwarded === 'https' ? 'https' : 'http';
  const path = req.url === '*' ? '/' : (req.url ?? '/');
  const safe = /^[\w.\-:[\]]+$/.test(host) ? host : 'localhost';
  return `${scheme}://${safe}${path}`;
}

function headerPairs(raw: readonly string[]): [string, string][] {
  const pairs: [string, string][] = [];
  for (let index = 0; index < raw.length; index += 2) {
    pairs.push([raw[index] ?? '', raw[index + 1] ?? '']);
  }
  return pairs;
}

/** Flat list for `writeHead`; several `set-cookie` stay several. */
function headerList(response: Response): string[] {
  const list: string[] = [];
  for (const [name, value] of response.headers) {
    if (!isOwn(name)) {
      list.push(name, value);
    }
  }
  return list;
}

/** Writes no faster than the client reads; a client that leaves cancels the stream. */
async function sendBody(body: ReadableStream<Uint8Array>, res: ServerResponse): Promise<void> {
  const reader = body.getReader();
  // Node sends the head with the first piece. Who subscribes to events waits for the head alone.
  const slow = setImmediate(() => {
    res.flushHeaders();
  });
  try {
    for (;;) {
      const { done, value } = await reader.read();
      clearImmediate(slow);
      if (done) {
        break;
      }
      if (!res.write(value) && !(await drained(res))) {
        break;
      }
    }
    res.end();
  } finally {
    clearImmediate(slow);
    await reader.cancel();
  }
}

/** Resolves to false when the client has gone. */
function drained(res: ServerResponse): Promise<boolean> {
  if (res.destroyed) {
    return Promise.resolve(false);
  }
  return new Promise((resolve) => {
    const done = (): void => {
      res.off('drain', done);
      res.off('close', done);
      resolve(!res.destroyed);
    };
    res.on('drain', done);
    res.on('close', done);
  });
}
