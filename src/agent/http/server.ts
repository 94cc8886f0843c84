import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { Duplex } from 'node:stream';
import type { Limits } from '../limits.ts';
import { refuseConnection } from './client-error.ts';

/** Longer than any gateway keeps an idle connection, so that only gateways close them. */
const KEEP_ALIVE_MS = 75_000;
/** Connections of a generic VM; a bound one has more, by its slots. */
const BASE_CONNECTIONS = 64;
const CONNECTIONS_PER_SLOT = 4;

export interface Listeners {
  request(req: IncomingMessage, res: ServerResponse): void;
  /** Whether a request that asks for an upgrade goes to `upgrade`; to `request` otherwise. */
  takesUpgrade(req: IncomingMessage): boolean;
  upgrade(req: IncomingMessage, socket: Duplex, head: Buffer): void;
}

/** The agent's HTTP server: bounded headers and connections, no limit on how long an answer takes. */
export function createAgentServer(limits: Limits, listeners: Listeners): Server {
  const server = createServer(
    {
      maxHeaderSize: limits.headerBytes,
      headersTimeout: limits.headersMs,
      connectionsCheckingInterval: limits.headersMs,
      keepAliveTimeout: KEEP_ALIVE_MS,
      requestTimeout: 0,
      insecureHTTPParser: false,
      noDelay: true,
      shouldUpgradeCallback: listeners.takesUpgrade.bind(listeners),
    },
    listeners.request.bind(listeners),
  );
  server.on('upgrade', listeners.upgrade.bind(listeners));
  server.on('clientError', (error, socket) => {
    refuseConnection(error, socket, limits.headerBytes);
  });
  server.maxConnections = BASE_CONNECTIONS;
  return server;
}

/** Room for what several gateways keep open to a VM of `slots`. */
export function allowConnections(server: Server, slots: number): void {
  server.maxConnections = BASE_CONNECTIONS + CONNECTIONS_PER_SLOT * slots;
}
