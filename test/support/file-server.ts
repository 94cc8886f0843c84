import { once } from 'node:events';
import { createServer, type Server } from 'node:http';

/** What is answered for a path: the bytes, fewer of them than promised, or a status. */
export type Answer =
  | { readonly bytes: Buffer }
  | { readonly bytes: Buffer; readonly cutAfter: number }
  | { readonly status: number }
  | { readonly redirect: string };

/** A server of files on the loopback address; 404 for all others. */
export class FileServer {
  readonly files = new Map<string, Answer>();
  /** Paths in the order of their requests. */
  readonly asked: string[] = [];
  readonly #server: Server;

  private constructor() {
    this.#server = createServer((request, response) => {
      const path = request.url ?? '';
      this.asked.push(path);
      const answer = this.files.get(path) ?? { status: 404 };
      if ('status' in answer) response.writeHead(answer.status).end();
      else if ('redirect' in answer) response.writeHead(302, { location: answer.redirect }).end();
      else {
        response.writeHead(200, { 'content-length': answer.bytes.length });
        if (!('cutAfter' in answer)) response.end(answer.bytes);
        else {
          response.write(answer.bytes.subarray(0, answer.cutAfter), () => {
            request.socket.destroy();
          });
        }
      }
    });
  }

  static async start(): Promise<FileServer> {
    const files = new FileServer();
    files.#server.listen(0, '127.0.0.1');
    await once(files.#server, 'listening');
    return files;
  }

  get url(): string {
    return `http://127.0.0.1:${(this.#server.address() as { port: number }).port}`;
  }

  async stop(): Promise<void> {
    this.#server.closeAllConnections();
    this.#server.close();
    await once(this.#server, 'close');
  }
}
