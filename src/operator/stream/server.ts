import { createServer, type IncomingMessage, type Server } from 'node:http';
import type { Duplex } from 'node:stream';
import { WebSocketServer, type WebSocket } from 'ws';
import {
  decodeGatewayMessage,
  encode,
  STREAM_PATH,
  STREAM_VERSION,
  type GatewayMessage,
} from '../../api/gateway-protocol.ts';
import type { Logger } from '../../runtime/log.ts';
import type { Subscriber } from './hub.ts';

/** Whose bearer token it is, `namespace:name` of the service account; undefined for nobody's. */
export type Authenticate = (token: string) => Promise<string | undefined>;

export interface StreamHandlers {
  connected(gateway: Subscriber): void;
  message(gateway: Subscriber, message: GatewayMessage): void;
  /** `clean`: the gateway closed the stream itself, with nothing in flight. */
  disconnected(gateway: Subscriber, clean: boolean): void;
}

export interface StreamServerOptions {
  readonly host: string;
  readonly port: number;
  readonly operator: string;
  readonly authenticate: Authenticate;
  /** Service accounts that gateways run as. */
  readonly allowed: readonly string[];
  readonly handlers: StreamHandlers;
  readonly log: Logger;
}

const MAX_MESSAGE = 4 * 1024 * 1024;
const PING_MS = 5_000;
/** RFC 6455, 7.4.1: 1000 is a normal end, 1001 says that an endpoint goes away. */
const CLEAN_CODES = new Set([1000, 1001]);

/** The operator's end of the gateways' streams. Resolves when it listens. */
export async function startStreamServer(options: StreamServerOptions): Promise<StreamServer> {
  const sockets = new WebSocketServer({ noServer: true, maxPayload: MAX_MESSAGE });
  const server = createServer((_request, response) => {
    response.writeHead(426).end('WebSocket only\n');
  });
  server.on('upgrade', (request, socket, head) => {
    void admit(options, request).then((status) => {
      if (status !== undefined) refuse(socket, status);
      else
        sockets.handleUpgrade(request, socket, head, (ws) => {
          serve(options, ws);
        });
    });
  });
  const pings = setInterval(() => {
    for (const ws of sockets.clients) checkAlive(ws);
  }, PING_MS);
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject);
    server.listen(options.port, options.host, resolve);
  });
  return {
    server,
    stop: async () => {
      clearInterval(pings);
      for (const ws of sockets.clients) ws.terminate();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}

export interface StreamServer {
  readonly server: Server;
  stop(): Promise<void>;
}

/** The status to refuse with, or undefined. */
async function admit(
  { authenticate, allowed, log }: StreamServerOptions,
  request: IncomingMessage,
): Promise<string | undefined> {
  if (request.url !== STREAM_PATH) return '404 Not Found';
  const token = /^Bearer (\S+)$/.exec(request.headers.authorization ?? '')?.[1];
  if (token === undefined) return '401 Unauthorized';
  try {
    const account = await authenticate(token);
    if (account === undefined) return '401 Unauthorized';
    if (allowed.includes(account)) return undefined;
    log.warn('gateway refused', { account, allowed });
    return '403 Forbidden';
  } catch (error) {
    log.warn('token review failed', { error });
    return '503 Service Unavailable';
  }
}

function refuse(socket: Duplex, status: string): void {
  socket.end(`HTTP/1.1 ${status}\r\nconnection: close\r\ncontent-length: 0\r\n\r\n`);
}

function serve({ handlers, operator, log }: StreamServerOptions, ws: WebSocket): void {
  let gateway: Subscriber | undefined;
  const send: Subscriber['send'] = (message) => {
    if (ws.readyState === ws.OPEN) ws.send(encode(message));
  };
  const hear = (message: GatewayMessage): void => {
    if (message.type === 'hello' && gateway === undefined) {
      gateway = { name: message.gateway, send };
      send({ type: 'welcome', version: STREAM_VERSION, operator });
      handlers.connected(gateway);
    } else if (gateway !== undefined) {
      handlers.message(gateway, message);
    }
  };
  ws.on('message', (data) => {
    const message = decodeGatewayMessage((data as Buffer).toString('utf8'));
    try {
      if (message !== undefined) hear(message);
    } catch (error) {
      // A gateway of another version must not take the operator down.
      log.error('message not understood', { gateway: gateway?.name, type: message?.type, error });
      ws.close(1007);
    }
  });
  ws.on('error', (error) => {
    log.warn('gateway stream failed', { gateway: gateway?.name, error });
  });
  ws.on('close', (code) => {
    if (gateway !== undefined) handlers.disconnected(gateway, CLEAN_CODES.has(code));
  });
  ws.on('pong', () => missed.delete(ws));
}

/** Sockets that have not answered the last ping. */
const missed = new WeakSet<WebSocket>();

function checkAlive(ws: WebSocket): void {
  if (missed.has(ws)) {
    ws.terminate();
    return;
  }
  missed.add(ws);
  ws.ping();
}
