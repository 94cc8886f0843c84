import { HEADERS } from '../../api/agent-protocol.ts';

/** {@link UpstreamRequest.bodyBytes} of a request without a body and without a length. */
export const NO_BODY = -2;
export const CHUNKED = -1;

export interface UpstreamRequest {
  readonly method: string;
  /** Path and query. */
  readonly target: string;
  /** Lines of the client's headers that go on. */
  readonly forward: string;
  readonly functionName: string;
  readonly requestId: string;
  /** Declared length, {@link CHUNKED} or {@link NO_BODY}. */
  readonly bodyBytes: number;
}

/** Whether bytes follow the head. */
export function hasBody(bodyBytes: number): boolean {
  return bodyBytes === CHUNKED || bodyBytes > 0;
}

/** The head of a request to an agent, with the empty line that ends it. @param token of the VM */
export function requestHead(request: UpstreamRequest, token: string): string {
  return (
    `${request.method} ${request.target} HTTP/1.1\r\n${request.forward}` +
    `${HEADERS.function}: ${request.functionName}\r\n${HEADERS.token}: ${token}\r\n` +
    `${HEADERS.requestId}: ${request.requestId}\r\n${framing(request.bodyBytes)}\r\n`
  );
}

function framing(bodyBytes: number): string {
  if (bodyBytes === CHUNKED) return 'transfer-encoding: chunked\r\n';
  return bodyBytes >= 0 ? `content-length: ${bodyBytes}\r\n` : '';
}
