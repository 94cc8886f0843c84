import type { Server, ServerOptions } from 'node:http';

/**
 * Times and sizes of a listener that serves few, known clients with small requests: whoever
 * else reaches its port can hold little, and not for long. For `createServer`.
 */
export const LISTENER_OPTIONS: ServerOptions = {
  maxHeaderSize: 16 * 1024,
  headersTimeout: 5_000,
  requestTimeout: 10_000,
  keepAliveTimeout: 30_000,
  connectionsCheckingInterval: 1_000,
};

/** More connections than this at once are closed as they come. */
const MAX_CONNECTIONS = 1_024;

/** Resolves with the port when it listens. */
export async function listen(server: Server, host: string, port: number): Promise<number> {
  server.maxConnections = MAX_CONNECTIONS;
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject);
    server.listen(port, host, () => {
      server.off('error', reject);
      resolve();
    });
  });
  // A listener that fails later (no descriptors left) goes on when it can again.
  server.on('error', () => undefined);
  const address = server.address();
  return typeof address === 'object' && address !== null ? address.port : port;
}
