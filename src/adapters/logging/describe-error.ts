/** Causes that are named, near ones first; they may make a ring or a tree. */
const MAX_CAUSES = 5;
const MAX_MESSAGE = 1_000;

/** An error in a line, with what caused it: its cause, or those of an error that stands for several. */
export function describeError(error: Error): string {
  const parts: string[] = [];
  const all = new Set([error]);
  for (const one of all) {
    parts.push(`${one.name}: ${one.message.slice(0, MAX_MESSAGE)}`);
    if (parts.length > MAX_CAUSES) break;
    for (const cause of causesOf(one)) all.add(cause);
  }
  const [own = '', ...causes] = parts;
  return causes.length === 0 ? own : `${own} (${causes.join('; ')})`;
}

function causesOf(error: Error): readonly Error[] {
  const several =
    error instanceof AggregateError ? (error.errors as unknown[]).slice(0, MAX_CAUSES) : [];
  return [error.cause, ...several].filter((cause) => cause instanceof Error);
}
