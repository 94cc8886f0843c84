import { Agent, request } from 'undici';
import type { Certificate } from './pki/certificates.ts';

/** JSON calls to one of our servers, with a client certificate. */
export class HttpsClient {
  readonly #origin: string;
  readonly #agent: Agent;

  constructor(origin: string, ca: string, client: Certificate) {
    this.#origin = origin;
    this.#agent = new Agent({
      connect: { ca, cert: client.cert, key: client.key, timeout: 2_000 },
      headersTimeout: 10_000,
      bodyTimeout: 10_000,
    });
  }

  /** @throws Error for any answer but a success */
  async call(method: 'GET' | 'POST', path: string, body?: unknown): Promise<string> {
    const answer = await request(this.#origin + path, {
      method,
      dispatcher: this.#agent,
      headers: { accept: 'application/json', 'content-type': 'application/json' },
      body: body === undefined ? null : JSON.stringify(body),
    });
    const text = await answer.body.text();
    if (answer.statusCode >= 300) {
      throw new Error(`${method} ${path}: ${answer.statusCode} ${text.slice(0, 300)}`);
    }
    return text;
  }

  async close(): Promise<void> {
    await this.#agent.destroy();
  }
}
