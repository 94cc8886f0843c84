import { createServer, type Server } from 'node:http';
import { WebSocketServer, type WebSocket } from 'ws';
import { listen, LISTENER_OPTIONS } from '../../runtime/listener.ts';
import { Admission, type AdmissionOptions } from './admission.ts';
import { serve, type SessionOptions } from './session.ts';

export interface StreamServerOptions extends AdmissionOptions, SessionOptions {
  readonly host: string;
  readonly port: number;
}

export interface StreamServer {
  readonly server: Server;
  stop(): Promise<void>;
}

/** A level of as many applications as the schema allows, and of names as long as they are. */
const MAX_MESSAGE = 16 * 1024 * 1024;
/** Streams at once; with those that are being admitted a few more. */
const MAX_GATEWAYS = 256;
const PING_MS = 5_000;

/** The operator's end of the gateways' streams. Resolves when it listens. */
export async function startStreamServer(options: StreamServerOptions): Promise<StreamServer> {
  const sockets = new WebSocketServer({
    noServer: true,
    maxPayload: MAX_MESSAGE,
    perMessageDeflate: false,
  });
  const admission = new Admission(options, () => sockets.clients.size >= MAX_GATEWAYS);
  const server = createServer(LISTENER_OPTIONS, (_request, response) => {
    response.writeHead(426).end('WebSocket only\n');
  });
  server.on('upgrade', (request, socket, head) => {
    void admission.check(request, socket, () => {
      sockets.handleUpgrade(request, socket, head, (ws) => {
        serve(options, ws);
        ws.on('pong', () => missed.delete(ws));
      });
    });
  });
  const pings = setInterval(() => {
    for (const ws of sockets.clients) checkAlive(ws);
  }, PING_MS);
  await listen(server, options.host, options.port);
  return {
    server,
    stop: async () => {
      clearInterval(pings);
      admission.stop();
      for (const ws of sockets.clients) ws.terminate();
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
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
