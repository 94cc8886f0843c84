import { createServer, type Server, type ServerResponse } from 'node:http';
import type { Registry } from '@prometheus-io/client';
import { listen, LISTENER_OPTIONS } from '../../runtime/listener.ts';
import type { Logger } from '../../runtime/log.ts';

export interface AdminOptions {
  readonly host: string;
  readonly port: number;
  readonly registry: Registry;
  readonly log: Logger;
  /** Undefined when ready, otherwise why not. */
  readonly unready: () => string | undefined;
  /** Further GET paths that answer JSON. */
  readonly json?: Readonly<Record<string, () => unknown>>;
}

/** `/healthz`, `/readyz`, `/metrics` and debug routes on a port of their own. Resolves when it listens. */
export async function startAdmin(options: AdminOptions): Promise<Server> {
  const server = createServer(LISTENER_OPTIONS, (request, response) => {
    const path = (request.url ?? '/').split('?', 1)[0] ?? '/';
    answer(options, path, response).catch((error: unknown) => {
      options.log.error('no answer', { path, error });
      send(response, 500, 'text/plain', 'failed; see the log\n');
    });
  });
  await listen(server, options.host, options.port);
  return server;
}

async function answer(
  options: AdminOptions,
  path: string,
  response: ServerResponse,
): Promise<void> {
  if (path === '/healthz') {
    send(response, 200, 'text/plain', 'ok\n');
    return;
  }
  if (path === '/readyz') {
    const why = options.unready();
    send(response, why === undefined ? 200 : 503, 'text/plain', `${why ?? 'ok'}\n`);
    return;
  }
  if (path === '/metrics') {
    send(response, 200, options.registry.contentType, await options.registry.metrics());
    return;
  }
  const route = options.json?.[path];
  if (route === undefined) send(response, 404, 'text/plain', 'not found\n');
  else send(response, 200, 'application/json', JSON.stringify(route()));
}

function send(response: ServerResponse, status: number, type: string, body: string): void {
  response.writeHead(status, { 'content-type': type }).end(body);
}
