/** A small HTTP client for tests: sees status, headers, whole body, and how a connection broke. */
import { request as httpRequest, type IncomingHttpHeaders } from 'node:http';
import type { IncomingMessage, Agent } from 'node:http';
import { connect, type Socket } from 'node:net';
import { text } from 'node:stream/consumers';

export interface Target {
  readonly host: string;
  readonly port: number;
}

export interface RequestOptions {
  readonly method?: string;
  readonly path?: string;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: Buffer | string;
  /** Connections to use; by default one of its own that is closed afterwards. */
  readonly agent?: Agent;
  readonly signal?: AbortSignal;
}

export interface Answer {
  readonly status: number;
  readonly headers: IncomingHttpHeaders;
  readonly text: string;
}

/** Sends a request and reads the whole answer; rejects when the connection breaks before its end. */
export async function request(target: Target, options: RequestOptions = {}): Promise<Answer> {
  const { answer } = open(target, options);
  const message = await answer;
  return { status: message.statusCode ?? 0, headers: message.headers, text: await text(message) };
}

/** Sends a request whose body may stay open; resolves with the answer's head. */
export function open(
  { host, port }: Target,
  { body, ...options }: RequestOptions,
  keepOpen = false,
): { req: ReturnType<typeof httpRequest>; answer: Promise<IncomingMessage> } {
  const method = options.method ?? (body === undefined && !keepOpen ? 'GET' : 'POST');
  const req = httpRequest({ host, port, agent: false, ...options, method });
  const answer = new Promise<IncomingMessage>((resolve, reject) => {
    req.on('response', resolve).on('error', reject);
    req.on('upgrade', reject);
  });
  if (keepOpen) {
    req.flushHeaders();
  } else {
    req.end(body);
  }
  return { req, answer };
}

/** Writes bytes as they are and resolves with all that came back until the connection closed. */
export function raw({ host, port }: Target, bytes: string): Promise<string> {
  const socket = connect(port, host);
  socket.write(bytes);
  return text(socket);
}

/** Writes bytes and resolves with the socket once the first bytes came back. */
export function dial({ host, port }: Target, bytes: string): Promise<[Socket, string]> {
  const socket = connect(port, host);
  socket.write(bytes);
  return new Promise((resolve, reject) => {
    socket.once('error', reject);
    socket.once('close', () => {
      reject(new Error('closed without an answer'));
    });
    socket.once('data', (chunk: Buffer) => {
      resolve([socket, chunk.toString()]);
    });
  });
}
