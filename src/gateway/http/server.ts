import { createServer, STATUS_CODES, type IncomingMessage, type Server } from 'node:http';
import type { Socket } from 'node:net';
import type { Duplex } from 'node:stream';
import type { GatewayOptions } from '../options.ts';
import { endAndLinger } from './linger.ts';
import { ClientLink } from './link.ts';
import { ClientResponse } from './response.ts';
import { rawProblem, type GatewayProblem } from './refuse.ts';
import { UpgradeRequest } from './upgrade.ts';

export interface ServerHandlers {
  request(req: IncomingMessage, res: ClientResponse, upgrade: UpgradeRequest | undefined): void;
  /** Bytes that are no request were answered with this status. */
  clientError(status: number): void;
}

/** Requests of one client connection before it must open another: load spreads over gateways again. */
const REQUESTS_PER_CONNECTION = 100_000;

/** A client behind which the line was cut is noticed after this, and the kernel's probes. */
const KEEP_ALIVE_PROBE_MS = 60_000;

/**
 * The public server: Node's strict parser (it refuses a length beside an encoding, bad
 * chunks, bare line feeds), bounded heads, timers for slow clients.
 */
export function createPublicServer(options: GatewayOptions, handlers: ServerHandlers): Server {
  const { timers } = options;
  const server = createServer(
    {
      maxHeaderSize: options.maxHeaderBytes,
      headersTimeout: timers.headersMs,
      // Bodies have a timer of their own: their length is no fault.
      requestTimeout: 0,
      connectionsCheckingInterval: Math.min(1_000, timers.headersMs),
      keepAliveTimeout: timers.keepAliveMs,
      insecureHTTPParser: false,
      requireHostHeader: false,
      noDelay: true,
      keepAlive: true,
      keepAliveInitialDelay: KEEP_ALIVE_PROBE_MS,
      ServerResponse: ClientResponse,
      optimizeEmptyRequests: true,
      shouldUpgradeCallback: isUpgrade,
    },
    (req, res) => {
      handlers.request(req, res, undefined);
    },
  );
  server.maxConnections = options.maxConnections;
  // Who has sent all that he has to say may say so, and still wait for the answer.
  (server as Server & { httpAllowHalfOpen: boolean }).httpAllowHalfOpen = true;
  server.maxRequestsPerSocket = REQUESTS_PER_CONNECTION;
  const plain = (req: IncomingMessage, res: ClientResponse): void => {
    handlers.request(req, res, undefined);
  };
  // The default would ask for the body before there is a slot, or refuse without a problem document.
  server.on('checkContinue', plain);
  server.on('checkExpectation', plain);
  server.on('upgrade', (req, socket, head) => {
    // A server without TLS has no other sockets.
    const plainSocket = socket as Socket;
    const res = responseOn(req, plainSocket);
    handlers.request(req, res, new UpgradeRequest(plainSocket, head));
  });
  server.on('connect', (_req, socket) => {
    handlers.clientError(501);
    // Behind a request that is not answered it would be taken for that one's answer.
    if (isAnswering(socket)) socket.destroy();
    else answerRaw(socket, CONNECT_REFUSED);
  });
  server.on('clientError', (error: NodeJS.ErrnoException, socket) => {
    onClientError(error, socket, handlers);
  });
  return server;
}

/** Node notes on the socket which answer has it; a second one cannot have it. */
function isAnswering(socket: Duplex): boolean {
  const { _httpMessage: answer } = socket as Duplex & { readonly _httpMessage?: object | null };
  return answer !== undefined && answer !== null;
}

/**
 * `h2c` is an offer that may be ignored; with a body nobody could tell where the new protocol begins;
 * behind a request that is not answered the answer would go into the new protocol.
 */
function isUpgrade(req: IncomingMessage): boolean {
  if (isAnswering(req.socket)) return false;
  const { upgrade, 'content-length': length, 'transfer-encoding': encoding } = req.headers;
  if (upgrade === undefined || encoding !== undefined) return false;
  if (length !== undefined && length !== '0') return false;
  return !/(^|,)\s*h2c?\s*(,|$)/i.test(upgrade);
}

/** An ordinary answer to a request for an upgrade; the connection ends with it. */
function responseOn(req: IncomingMessage, socket: Socket): ClientResponse {
  const res = new ClientResponse(req);
  res.shouldKeepAlive = false;
  res.assignSocket(socket);
  res.once('finish', () => {
    res.detachSocket(socket);
    endAndLinger(socket);
  });
  return res;
}

const CONNECT_REFUSED: GatewayProblem = {
  status: 501,
  reason: 'MethodUnsupported',
  detail: 'This gateway is no proxy: CONNECT is not supported.',
};

function onClientError(
  error: NodeJS.ErrnoException,
  socket: Duplex,
  handlers: ServerHandlers,
): void {
  const problem = problemOf(error);
  const link = ClientLink.of(socket as Socket);
  if (link.ended) return;
  if (isGone(error)) {
    socket.destroy();
    return;
  }
  if (link.requests.length > 0) {
    // The body of a request that is known already: its exchange answers.
    for (const request of [...link.requests]) request.badFraming(problem);
  } else if (socket.writable) {
    handlers.clientError(problem.status);
    answerRaw(socket, problem);
    return;
  }
  // What is written already still goes out.
  link.end();
}

/** The connection broke, as the system says: nothing that was sent is at fault. */
function isGone({ code = '' }: NodeJS.ErrnoException): boolean {
  return /^E(?!RR_)/.test(code);
}

function answerRaw(socket: Duplex, problem: GatewayProblem): void {
  socket.on('error', () => undefined);
  socket.write(rawProblem(problem, STATUS_CODES[problem.status] ?? ''));
  ClientLink.of(socket as Socket).end();
}

function problemOf(error: NodeJS.ErrnoException): GatewayProblem {
  switch (error.code) {
    case 'HPE_HEADER_OVERFLOW':
      return {
        status: 431,
        reason: 'HeadersTooLarge',
        detail: 'The head of the request is longer than this gateway reads.',
      };
    case 'ERR_HTTP_REQUEST_TIMEOUT':
      return {
        status: 408,
        reason: 'HeadersTimeout',
        detail: 'The head of the request did not arrive in time.',
      };
    default:
      return {
        status: 400,
        reason: 'RequestMalformed',
        detail: `This is no HTTP/1.1 request${parserCode(error)}.`,
      };
  }
}

/** The parser's words are a fixed list; what else may break a connection is not the client's to read. */
function parserCode({ code = '' }: NodeJS.ErrnoException): string {
  return code.startsWith('HPE_') ? `: ${code}` : '';
}
