import { request, type ClientRequest, type IncomingMessage } from 'node:http';
import { connect, type Socket } from 'node:net';

export interface Reply {
  readonly status: number;
  readonly headers: IncomingMessage['headers'];
  readonly body: string;
}

export interface Call {
  readonly method?: string;
  readonly path?: string;
  readonly headers?: Record<string, string>;
  readonly body?: string | Buffer;
}

/** One request on a connection of its own. */
export function call(port: number, options: Call = {}): Promise<Reply> {
  return new Promise((resolve, reject) => {
    const req = open(port, options);
    req.once('error', reject);
    req.once('response', (res) => {
      let body = '';
      res.setEncoding('latin1');
      res.on('data', (chunk: string) => (body += chunk));
      res.once('end', () => {
        resolve({ status: res.statusCode ?? 0, headers: res.headers, body });
      });
      res.once('error', reject);
    });
    req.end(options.body);
  });
}

/** A request that the test goes on with. */
export function open(port: number, options: Call = {}): ClientRequest {
  const { method = 'GET', path = '/default/hello/', headers = {} } = options;
  return request({ host: '127.0.0.1', port, method, path, headers, agent: false });
}

/** The reason in a problem document. */
export function reasonOf(reply: Reply): string {
  return (JSON.parse(reply.body) as { reason: string }).reason;
}

/** Sends bytes as they are and resolves with everything that came back until the end. */
export function raw(port: number, bytes: string, timeoutMs = 3_000): Promise<string> {
  return new Promise((resolve, reject) => {
    const socket = connectTo(port);
    let answer = '';
    socket.setEncoding('latin1');
    socket.setTimeout(timeoutMs, () => {
      socket.destroy();
    });
    socket.on('data', (chunk: string) => (answer += chunk));
    socket.once('error', (error: NodeJS.ErrnoException) => {
      if (error.code === 'ECONNRESET') resolve(answer);
      else reject(error);
    });
    socket.once('close', () => {
      resolve(answer);
    });
    socket.write(bytes, 'latin1');
  });
}

export function connectTo(port: number): Socket {
  return connect({ port, host: '127.0.0.1' });
}
