import type { AddressInfo } from 'node:net';
import { WebSocketServer } from 'ws';
import { encode, STREAM_PATH, type Endpoint } from '../../src/api/gateway-protocol.ts';

export interface BenchOperator {
  readonly url: string;
  close(): void;
}

/** An operator that has bound one VM and listens to the demand. */
export async function startOperator(
  application: string,
  endpoint: Endpoint,
): Promise<BenchOperator> {
  const server = new WebSocketServer({ host: '127.0.0.1', port: 0, path: STREAM_PATH });
  server.on('connection', (socket) => {
    const applications = [{ application, endpoints: [endpoint] }];
    socket.send(encode({ type: 'snapshot', applications }));
  });
  await new Promise((resolve) => server.once('listening', resolve));
  const { port } = server.address() as AddressInfo;
  return {
    url: `ws://127.0.0.1:${port}`,
    close() {
      for (const client of server.clients) client.terminate();
      server.close();
    },
  };
}
