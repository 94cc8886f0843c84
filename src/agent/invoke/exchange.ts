import type { IncomingMessage, ServerResponse } from 'node:http';

/** The pair that Node's HTTP server gives for a request. */
export interface Exchange {
  readonly req: IncomingMessage;
  readonly res: ServerResponse;
}
