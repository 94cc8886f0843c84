import type { ServerResponse } from 'node:http';
import { Readable } from 'node:stream';
import { isHopByHop, isOwn } from '../http/headers.ts';
import { isCoded, wasDecoded } from './coding.ts';
import type { Invocation } from './invocation.ts';

type Bytes = ReadableStreamDefaultReader<Uint8Array>;

/** Node's own, and those that packages bring: `instanceof` knows one class alone. */
export function isResponse(value: unknown): value is Response {
  if (Object.prototype.toString.call(value) !== '[object Response]') return false;
  const { status, headers } = value as Partial<Response>;
  return typeof status === 'number' && typeof headers?.forEach === 'function';
}

/** Answers with a Response, its body no faster than the client reads; a client that leaves cancels it. */
export async function sendResponse(
  response: Response,
  invocation: Invocation,
  res: ServerResponse,
): Promise<void> {
  const reader = readerOf(response);
  if (invocation.answerOver || res.writableEnded) {
    await reader?.cancel();
    return;
  }
  if (reader === undefined || res.req.method === 'HEAD') {
    res.writeHead(response.status, response.statusText, headerList(response, false));
    res.end();
    await reader?.cancel();
    return;
  }
  const left = (): void => {
    reader.cancel(new DOMException('The client has left.', 'AbortError')).catch(() => undefined);
  };
  res.once('close', left);
  try {
    await sendBody(response, reader, res);
  } finally {
    res.off('close', left);
    await reader.cancel();
  }
}

/** The bodies of some packages' Responses are Node's streams. */
function readerOf(response: Response): Bytes | undefined {
  const body = response.body as ReadableStream<Uint8Array> | Readable | null | undefined;
  if (body === null || body === undefined) return undefined;
  const stream =
    body instanceof Readable ? (Readable.toWeb(body) as ReadableStream<Uint8Array>) : body;
  return stream.getReader();
}

async function sendBody(response: Response, reader: Bytes, res: ServerResponse): Promise<void> {
  let piece: Awaited<ReturnType<Bytes['read']>> | undefined;
  let decoded = wasDecoded(response);
  if (decoded === undefined) {
    piece = await reader.read();
    decoded = !piece.done && !isCoded(response.headers, piece.value);
  }
  if (res.writableEnded || res.destroyed) return;
  res.writeHead(response.status, response.statusText, headerList(response, decoded));
  // Node sends the head with the first piece. Who subscribes to events waits for the head alone.
  const slow = setImmediate(() => {
    res.flushHeaders();
  });
  try {
    for (;;) {
      piece ??= await reader.read();
      clearImmediate(slow);
      if (piece.done) break;
      if (!res.write(piece.value) && !(await drained(res))) break;
      piece = undefined;
    }
    res.end();
  } finally {
    clearImmediate(slow);
  }
}

/** Flat list for `writeHead`; several `set-cookie` stay several. */
function headerList(response: Response, decoded: boolean): string[] {
  const list: string[] = [];
  response.headers.forEach((value, name) => {
    const wrong = decoded && (name === 'content-encoding' || name === 'content-length');
    if (!wrong && !isHopByHop(name) && !isOwn(name)) list.push(name, value);
  });
  return list;
}

/** Resolves to false when the client has gone. */
function drained(res: ServerResponse): Promise<boolean> {
  if (res.destroyed || res.writableEnded) return Promise.resolve(false);
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
