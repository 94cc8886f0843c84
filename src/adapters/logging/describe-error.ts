/** Causes of causes that are named; one may be its own. */
const MAX_CAUSES = 5;

/** An error in a line, with what caused it: its cause, or those of an error that stands for several. */
export function describeError(error: Error, depth = 0): string {
  const several =
    error instanceof AggregateError ? (error.errors as unknown[]).slice(0, MAX_CAUSES) : [];
  const causes = [error.cause, ...several].filter((cause) => cause instanceof Error);
  const text = `${error.name}: ${error.message}`;
  if (causes.length === 0 || depth === MAX_CAUSES) return text;
  return `${text} (${causes.map((cause) => describeError(cause, depth + 1)).join('; ')})`;
}
