import { LoadFailure } from '../load/failure.ts';
import { Refusal } from '../refusal.ts';

/** What a client is told of a function that failed: text of the function's own stays in the log. */
export function refusalOf(error: unknown): Refusal {
  if (error instanceof Refusal) {
    return error;
  }
  if (error instanceof LoadFailure) {
    const detail =
      error.reason === 'LoadFailed'
        ? "The function's module failed to load; the function's status and log say why."
        : error.message;
    return new Refusal(500, error.reason, detail, 'function');
  }
  const name = error instanceof Error ? error.name : typeof error;
  const detail = `The function failed (${name}); its log has the rest under this request id.`;
  return new Refusal(500, 'FunctionError', detail, 'function');
}
