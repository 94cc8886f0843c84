import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { Limits } from '../limits.ts';

/** Longer than any gateway keeps an idle connection, so that only gateways close them. */
const KEEP_ALIVE_MS = 75_000;
/** Connections of a generic VM; a bound one has more, by its slots. */
const BASE_CONNECTIONS = 64;
const CONNECTIONS_PER_SLOT = 4;

export type RequestListener = (req: IncomingMessage, res: ServerResponse) => void;

/** The agent's HTTP server: bounded headers and connections, no limit on how long an answer takes. */
export function createAgentServer(limits: Limits, listener: RequestListener): Server {
  const server = createServer(
    {
      maxHeaderSize: limits.headerBytes,
      keepAliveTimeout: KEEP_ALIVE_MS,
      requestTimeout: 0,
      insecureHTTPParser: false,
      noDelay: true,
    },
    listener,
  );
  server.maxConnections = BASE_CONNECTIONS;
  return server;
}

/** Room for what several gateways keep open to a VM of `slots`. */
export function allowConnections(server: Server, slots: number): void {
  server.maxConnections = BASE_CONNECTIONS + CONNECTIONS_PER_SLOT * slots;
}
