import { HEADERS } from '../../api/agent-protocol.ts';
import { CHUNKED } from '../http/request-head.ts';

export interface UpstreamRequest {
  readonly method: string;
  /** Path and query. */
  readonly target: string;
  /** Lines of the client's headers that go on. */
  readonly forward: string;
  readonly functionName: string;
  readonly token: string;
  readonly requestId: string;
  readonly bodyBytes: number;
}

/** The head of a request to an agent, with the empty line that ends it. */
export function requestHead(request: UpstreamRequest): string {
  return (
    `${request.method} ${request.target} HTTP/1.1\r\n${request.forward}` +
    `${HEADERS.function}: ${request.functionName}\r\n${HEADERS.token}: ${request.token}\r\n` +
    `${HEADERS.requestId}: ${request.requestId}\r\n${framing(request.bodyBytes)}\r\n`
  );
}

function framing(bodyBytes: number): string {
  if (bodyBytes === CHUNKED) return 'transfer-encoding: chunked\r\n';
  return bodyBytes >= 0 ? `content-length: ${bodyBytes}\r\n` : '';
}
