import { ServerResponse } from 'node:http';
import type { AnswerHead } from '../upstream/head.ts';
import { httpDate } from './date.ts';

/**
 * A response that can also be sent as one text. What Node does for one that is written piece by piece, and
 * its second look at headers that the reader of the answer has checked, is a tenth of a busy gateway's CPU.
 */
export class ClientResponse extends ServerResponse {
  /** Node's note that the connection ends with this response. */
  declare readonly maxRequestsOnConnectionReached?: boolean;

  /**
   * Whether {@link sendWhole} may be used: this response is the one that the connection waits for,
   * the connection goes on behind it, and its body is as long as its head says.
   */
  takesWhole(head: AnswerHead): boolean {
    const { socket, req } = this;
    return (
      hasLength(head, req.method) &&
      this.shouldKeepAlive &&
      this.maxRequestsOnConnectionReached !== true &&
      req.httpVersionMinor === 1 &&
      !this.headersSent &&
      socket?.writable === true &&
      socket.writableLength === 0
    );
  }

  /** @param keepAliveMs for which an idle connection is kept; @param body latin1 text */
  sendWhole(head: AnswerHead, keepAliveMs: number, body: string): void {
    const { socket } = this;
    if (socket === null) return;
    socket.write(headText(head, keepAliveMs) + body, 'latin1');
    // Node takes the next request up when this one's answer has left.
    if (socket.writableLength === 0) this.emit('finish');
    else socket.write('', () => this.emit('finish'));
  }
}

/** Whether as many bytes follow the head as it says. */
function hasLength({ status, length }: AnswerHead, method: string | undefined): boolean {
  return length >= 0 && status !== 204 && status !== 304 && method !== 'HEAD';
}

function headText({ status, statusText, headers }: AnswerHead, keepAliveMs: number): string {
  let text = `HTTP/1.1 ${status} ${statusText}\r\n`;
  let dated = false;
  for (let index = 0; index < headers.length; index += 2) {
    const name = headers[index] ?? '';
    text += `${name}: ${headers[index + 1] ?? ''}\r\n`;
    dated ||= name.length === 4 && name.toLowerCase() === 'date';
  }
  if (!dated) text += `Date: ${httpDate()}\r\n`;
  const seconds = Math.floor(keepAliveMs / 1_000);
  return `${text}Connection: keep-alive\r\nKeep-Alive: timeout=${seconds}\r\n\r\n`;
}
