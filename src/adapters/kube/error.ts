import type { IncomingHttpHeaders } from 'node:http';

/** An answer of the API server that is no success, or none at all (`status` 0). */
export class KubeError extends Error {
  override readonly name = 'KubeError';
  readonly status: number;
  /** The API's own word, such as `NotFound`, `Conflict`, `Invalid`. */
  readonly reason: string;
  readonly retryAfterMs: number | undefined;

  constructor(
    what: { status: number; reason: string; message: string; retryAfterMs?: number | undefined },
    options?: ErrorOptions,
  ) {
    super(what.message, options);
    this.status = what.status;
    this.reason = what.reason;
    this.retryAfterMs = what.retryAfterMs;
  }

  /** Reads the `Status` object that the API server sends with an error. */
  static fromAnswer(
    status: number,
    text: string,
    call: string,
    headers: IncomingHttpHeaders,
  ): KubeError {
    // Without the header there is no number, and every comparison with it fails.
    const seconds = Number(headers['retry-after']);
    let body: { reason?: string; message?: string } = {};
    try {
      body = JSON.parse(text) as typeof body;
    } catch {
      // A proxy or a dying server may answer plain text; it becomes the message.
    }
    return new KubeError({
      status,
      reason: body.reason ?? `Http${status}`,
      message: `${call}: ${body.message ?? text.slice(0, 500)}`,
      retryAfterMs: seconds >= 0 ? seconds * 1000 : undefined,
    });
  }
}

export function isNotFound(error: unknown): boolean {
  return error instanceof KubeError && error.status === 404;
}

export function isConflict(error: unknown): boolean {
  return error instanceof KubeError && error.status === 409;
}
