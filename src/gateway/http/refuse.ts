import type { ServerResponse } from 'node:http';
import { problem, PROBLEM_CONTENT_TYPE, type Component } from '../../api/problem.ts';

export interface GatewayProblem {
  readonly status: number;
  readonly reason: string;
  /** What anybody may read: no address, no URL, nothing that a VM or the operator said. */
  readonly detail: string;
  /** What is behind it, for the access log; never sent. */
  readonly cause?: string;
  readonly component?: Component;
  /** Further headers of the answer, names and values by turns. */
  readonly headers?: readonly string[];
}

export interface ProblemText {
  readonly body: string;
  readonly headers: string[];
}

/** The document and its headers. */
export function problemText(what: GatewayProblem, requestId: string): ProblemText {
  const { status, reason, detail, component = 'gateway' } = what;
  const body = JSON.stringify(problem({ status, component, reason, detail, requestId }));
  const headers = [
    'content-type',
    PROBLEM_CONTENT_TYPE,
    'content-length',
    String(Buffer.byteLength(body)),
    ...(what.headers ?? []),
  ];
  if (requestId !== '') headers.push('x-request-id', requestId);
  return { body, headers };
}

/** Answers with a problem document; nothing of an answer was sent before. Answers its length in bytes. */
export function sendProblem(
  res: ServerResponse,
  what: GatewayProblem,
  requestId: string,
  close: boolean,
): number {
  const { body, headers } = problemText(what, requestId);
  if (close) headers.push('connection', 'close');
  res.writeHead(what.status, headers);
  res.end(body);
  return Buffer.byteLength(body);
}

/** The same for a connection whose request never became one. */
export function rawProblem(what: GatewayProblem, title: string): string {
  const { body, headers } = problemText(what, '');
  let text = `HTTP/1.1 ${what.status} ${title}\r\nconnection: close\r\n`;
  for (let index = 0; index < headers.length; index += 2) {
    text += `${headers[index] ?? ''}: ${headers[index + 1] ?? ''}\r\n`;
  }
  return `${text}\r\n${body}`;
}
