import type { OutgoingHttpHeader, OutgoingHttpHeaders, ServerResponse } from 'node:http';
import { isOwn } from '../http/headers.ts';
import { closeIfUnread } from '../http/unread.ts';
import { AnswerLength, declaredLength } from './answer-length.ts';

type HeaderArgument = OutgoingHttpHeaders | OutgoingHttpHeader[];
type HeadArguments = readonly (string | HeaderArgument | undefined)[];
type Method = (...args: unknown[]) => never;

/**
 * Stands between user code and its answer: the agent's own headers do not come from a function, a
 * connection whose request was not read ends, and a body has the length that it was said to have.
 * `invalid` gets what `write` and `end` found; nothing of that piece is sent.
 */
export function guardAnswer(res: ServerResponse, invalid: (error: unknown) => void): void {
  const length = new AnswerLength();
  res.writeHead = function (this: ServerResponse, status, ...rest) {
    return writeHead(this, length, status, rest as HeadArguments);
  };
  res.write = function (this: ServerResponse, ...args: unknown[]) {
    const wrong = measure(this, length, args, false);
    if (wrong === undefined) return parentOf(this).write.apply(this, args);
    invalid(wrong);
    return false;
  };
  res.end = function (this: ServerResponse, ...args: unknown[]) {
    const wrong = this.writableEnded ? undefined : measure(this, length, args, true);
    if (wrong === undefined) return parentOf(this).end.apply(this, args);
    invalid(wrong);
    return this;
  };
}

/** The prototype's is looked up each time: frameworks such as Express swap the prototype. */
function parentOf(res: ServerResponse): Readonly<Record<'writeHead' | 'write' | 'end', Method>> {
  return Object.getPrototypeOf(res) as Readonly<Record<'writeHead' | 'write' | 'end', Method>>;
}

/** All heads pass here, also implicit ones. */
function writeHead(
  res: ServerResponse,
  length: AnswerLength,
  status: number,
  rest: HeadArguments,
): ServerResponse {
  for (const name of res.getHeaderNames()) {
    if (isOwn(name)) res.removeHeader(name);
  }
  const given = rest.map((value) => (typeof value === 'object' ? withoutOwn(value) : value));
  const headers = given.find((value) => typeof value === 'object');
  const value = (headers && valueOf(headers, 'content-length')) ?? res.getHeader('content-length');
  length.declared = declaredLength(res, status, value);
  closeIfUnread(res);
  return parentOf(res).writeHead.apply(res, [status, ...given]);
}

/** What is wrong with a piece of the body; undefined when nothing is. */
function measure(
  res: ServerResponse,
  length: AnswerLength,
  args: readonly unknown[],
  last: boolean,
): unknown {
  // Before an implicit head the length stands in the headers: a problem can still be answered.
  if (!res.headersSent) {
    length.declared = declaredLength(res, res.statusCode, res.getHeader('content-length'));
  }
  if (length.declared === undefined) return undefined;
  try {
    length.add(bytesOf(args[0], args[1]));
    if (last) length.end();
  } catch (error) {
    return error;
  }
  return undefined;
}

function bytesOf(chunk: unknown, encoding: unknown): number {
  if (typeof chunk === 'string') {
    return Buffer.byteLength(
      chunk,
      typeof encoding === 'string' ? (encoding as BufferEncoding) : 'utf8',
    );
  }
  return chunk instanceof Uint8Array ? chunk.byteLength : 0;
}

function valueOf(headers: HeaderArgument, wanted: string): unknown {
  const pairs: readonly (readonly [unknown, unknown])[] = Array.isArray(headers)
    ? pairsOf(headers)
    : Object.entries(headers);
  return pairs.find(([name]) => String(name).toLowerCase() === wanted)?.[1];
}

/** Node takes a flat list, and one of pairs. */
function pairsOf(list: readonly unknown[]): readonly (readonly [unknown, unknown])[] {
  if (Array.isArray(list[0])) return list as readonly (readonly [unknown, unknown])[];
  return list.flatMap((name, index) => (index % 2 === 0 ? [[name, list[index + 1]] as const] : []));
}

function withoutOwn(headers: HeaderArgument): HeaderArgument {
  if (!Array.isArray(headers)) {
    return Object.fromEntries(Object.entries(headers).filter(([name]) => !isOwn(name)));
  }
  if (Array.isArray(headers[0]))
    return headers.filter((pair) => !isOwn(String((pair as string[])[0])));
  return headers.filter((_, index) => !isOwn(String(headers[index - (index % 2)])));
}
