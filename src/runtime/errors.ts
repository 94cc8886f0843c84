/** What a reconciler may throw, by what should happen next. Anything else is retried with back-off. */

/** Nothing is wrong, something is not there yet: come back after `afterMs`. */
export class WaitingError extends Error {
  override readonly name = 'WaitingError';
  readonly afterMs: number;
  constructor(message: string, afterMs: number, options?: ErrorOptions) {
    super(message, options);
    this.afterMs = afterMs;
  }
}

/** Only a change by somebody else can help: no retry until the object changes. */
export class TerminalError extends Error {
  override readonly name = 'TerminalError';
}

export function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
