import type { IncomingMessage } from 'node:http';
import { isHopByHop } from '../http/headers.ts';
import type { FetchHandler } from '../load/handler.ts';
import { Refusal } from '../refusal.ts';
import type { Background } from './background.ts';
import { bodyStream } from './body-stream.ts';
import type { Exchange } from './exchange.ts';
import type { Invocation } from './invocation.ts';
import { mismatch } from './mismatch.ts';
import { isResponse, sendResponse } from './response.ts';

/**
 * Runs a Web-standard handler: a real `Request` in, a `Response` out, bodies streamed both ways.
 * Settles when the work that it leaves behind its answer is done, too.
 */
export async function runFetch(
  handler: FetchHandler,
  invocation: Invocation,
  { req, res }: Exchange,
  background: Background,
): Promise<void> {
  const request = toRequest(req, invocation.signal);
  // Its signal follows the invocation's through a weak reference: who keeps the signal alone would never hear of it.
  invocation.request = request;
  const response = await handler(request, invocation.fn.variables, background.context);
  if (!isResponse(response)) throw mismatch('Fetch', response);
  await sendResponse(response, invocation, res);
  await background.done();
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

/** Without those of the connection: a Request that is passed on travels over another one. */
function headerPairs(raw: readonly string[]): [string, string][] {
  const pairs: [string, string][] = [];
  for (let index = 0; index < raw.length; index += 2) {
    const name = raw[index] ?? '';
    if (!isHopByHop(name.toLowerCase())) pairs.push([name, raw[index + 1] ?? '']);
  }
  return pairs;
}
