import { createReadStream, existsSync, readdirSync } from 'node:fs';
import { createServer } from 'node:http';
import { join } from 'node:path';
import { listen, LISTENER_OPTIONS } from '../runtime/listener.ts';

export interface ArchiveServer {
  readonly url: string;
  stop(): Promise<void>;
}

/**
 * Serves the archives of one folder (`*.tar`, `*.tgz`, `*.tar.gz`) on the
 * loopback address, for Functions whose source is an archive on this machine.
 * Names are looked up in the folder's list: no path leads out of it.
 */
export async function serveArchives(folder: string, port: number): Promise<ArchiveServer> {
  const server = createServer(LISTENER_OPTIONS, (request, response) => {
    const name = (request.url ?? '/').slice(1);
    if (request.method !== 'GET' || !archivesOf(folder).includes(name)) {
      response.writeHead(404).end('no such archive\n');
      return;
    }
    response.writeHead(200, { 'content-type': 'application/x-tar' });
    createReadStream(join(folder, name))
      .on('error', () => response.destroy())
      .pipe(response);
  });
  const actual = await listen(server, '127.0.0.1', port);
  return {
    url: `http://127.0.0.1:${actual}`,
    stop: async () => {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}

function archivesOf(folder: string): string[] {
  return existsSync(folder)
    ? readdirSync(folder).filter((name) => /\.(tar|tgz|tar\.gz)$/.test(name))
    : [];
}
