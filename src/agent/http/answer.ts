import { ServerResponse } from 'node:http';
import { HEADERS } from '../../api/agent-protocol.ts';
import { problem, PROBLEM_CONTENT_TYPE } from '../../api/problem.ts';
import type { Refusal } from '../refusal.ts';
import { closeIfUnread } from './unread.ts';

/** Answers with `value` as JSON. */
export function sendJson(res: ServerResponse, value: unknown): void {
  const body = Buffer.from(JSON.stringify(value));
  res.writeHead(200, { 'content-type': 'application/json', 'content-length': body.length });
  res.end(body);
}

/**
 * Answers with a problem document, if nothing was sent yet; otherwise the
 * connection is destroyed, since the client must not take half an answer for a
 * whole one. `extra` members go into the document.
 */
export function sendProblem(
  res: ServerResponse,
  refusal: Refusal,
  requestId: string,
  extra: Readonly<Record<string, unknown>> = {},
): void {
  if (res.headersSent || res.destroyed) {
    res.destroy();
    return;
  }
  const { status, component, reason, message: detail } = refusal;
  const document = { ...problem({ status, component, reason, detail, requestId }), ...extra };
  const body = Buffer.from(JSON.stringify(document));
  for (const name of res.getHeaderNames()) {
    res.removeHeader(name);
  }
  closeIfUnread(res);
  // The prototype's method: the function's `res` has one that refuses our own headers.
  ServerResponse.prototype.writeHead.call(res, status, {
    'content-type': PROBLEM_CONTENT_TYPE,
    'content-length': body.length,
    [HEADERS.error]: reason,
  });
  ServerResponse.prototype.end.call(res, body, 'utf8');
}
