import { Agent, request, type Dispatcher } from 'undici';

export interface Answer {
  readonly status: number;
  readonly body: string;
  /** Milliseconds from the call to the last byte. */
  readonly ms: number;
  /** Milliseconds from the call to each piece of the body. */
  readonly pieces: readonly number[];
}

export interface Sender {
  send(
    path: string,
    options?: { readonly method?: 'GET' | 'POST'; readonly body?: string },
  ): Promise<Answer>;
  close(): Promise<void>;
}

/** A client of the gateway with as many connections as it needs. */
export function createSender(gatewayUrl: string): Sender {
  const dispatcher = new Agent({
    connections: null,
    headersTimeout: 120_000,
    bodyTimeout: 120_000,
  });
  return {
    send: async (path, { method = 'GET', body } = {}) => {
      const started = performance.now();
      const answer = await request(gatewayUrl + path, { method, dispatcher, body: body ?? null });
      return read(answer, started);
    },
    close: () => dispatcher.close(),
  };
}

async function read(answer: Dispatcher.ResponseData, started: number): Promise<Answer> {
  const pieces: number[] = [];
  const chunks: Buffer[] = [];
  for await (const chunk of answer.body as AsyncIterable<Buffer>) {
    pieces.push(performance.now() - started);
    chunks.push(chunk);
  }
  const ms = performance.now() - started;
  return { status: answer.statusCode, body: Buffer.concat(chunks).toString('utf8'), ms, pieces };
}
