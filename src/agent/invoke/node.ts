import type { ServerResponse } from 'node:http';
import { type OutgoingHttpHeader, type OutgoingHttpHeaders } from 'node:http';
import { isOwn } from '../http/headers.ts';
import type { NodeHandler } from '../load/handler.ts';
import type { Exchange } from './exchange.ts';

type HeaderArgument = OutgoingHttpHeaders | OutgoingHttpHeader[];

/**
 * Runs a `(req, res)` handler on Node's own objects. Settles with what the
 * handler returns; the answer may well go on after that.
 */
export async function runNode(handler: NodeHandler, { req, res }: Exchange): Promise<void> {
  res.writeHead = guardedWriteHead;
  await handler(req, res);
}

/** All headers pass here, also implicit ones; the agent's own may not come from a function. */
function guardedWriteHead(
  this: ServerResponse,
  status: number,
  ...rest: readonly (string | HeaderArgument | undefined)[]
): ServerResponse {
  for (const name of this.getHeaderNames()) {
    if (isOwn(name)) {
      this.removeHeader(name);
    }
  }
  const allowed = rest.map((value) => (typeof value === 'object' ? withoutOwn(value) : value));
  // The prototype's is looked up each time: frameworks such as Express swap the prototype.
  const parent = Object.getPrototypeOf(this) as {
    writeHead: (...args: unknown[]) => ServerResponse;
  };
  return parent.writeHead.apply(this, [status, ...allowed]);
}

function withoutOwn(headers: HeaderArgument): HeaderArgument {
  if (!Array.isArray(headers)) {
    return Object.fromEntries(Object.entries(headers).filter(([name]) => !isOwn(name)));
  }
  return headers.filter((_, index) => !isOwn(String(headers[index - (index % 2)])));
}
