import { STATUS_CODES } from 'node:http';
import type { Duplex } from 'node:stream';
import { HEADERS } from '../../api/agent-protocol.ts';
import { problem, PROBLEM_CONTENT_TYPE } from '../../api/problem.ts';

interface Answer {
  readonly status: number;
  readonly reason: string;
  readonly detail: string;
}

/** What to say of a request that Node's parser refused, by its error code. */
export function answerOf(code: string, headerBytes: number): Answer {
  switch (code) {
    case 'HPE_HEADER_OVERFLOW': {
      const detail = `The request's headers are longer than ${headerBytes} bytes.`;
      return { status: 431, reason: 'HeadersTooLarge', detail };
    }
    case 'ERR_HTTP_REQUEST_TIMEOUT':
      return { status: 408, reason: 'RequestTimeout', detail: 'The request came too slowly.' };
    default:
      return { status: 400, reason: 'RequestMalformed', detail: `This is no HTTP: ${code}.` };
  }
}

/** Answers a connection on which no further request can be read, and closes it. */
export function refuseConnection(
  error: NodeJS.ErrnoException,
  socket: Duplex,
  headerBytes: number,
): void {
  const busy = (socket as { _httpMessage?: { headersSent: boolean } | null })._httpMessage;
  if (!socket.writable || error.code === 'ECONNRESET' || busy?.headersSent === true) {
    socket.destroy();
    return;
  }
  const { status, reason, detail } = answerOf(error.code ?? 'unknown', headerBytes);
  const requestId = crypto.randomUUID();
  const body = JSON.stringify(problem({ status, component: 'agent', reason, detail, requestId }));
  socket.end(
    `HTTP/1.1 ${status} ${STATUS_CODES[status] ?? ''}\r\n` +
      `content-type: ${PROBLEM_CONTENT_TYPE}\r\ncontent-length: ${Buffer.byteLength(body)}\r\n` +
      `${HEADERS.error}: ${reason}\r\nconnection: close\r\n\r\n${body}`,
    () => socket.destroy(),
  );
}
