import { checkerOf } from './schema.ts';

/** A message that fits; nothing for one of a type that is not known; or why the sender is not understood. */
export type Decoded<T> = { readonly message: T | undefined } | { readonly problem: string };

/** Reads JSON text messages that have a `type`. @param schemas by type */
export function decoderOf<T extends { readonly type: string }>(
  schemas: Readonly<Record<string, object>>,
): (text: string) => Decoded<T> {
  const checks = new Map(
    Object.entries(schemas).map(([type, schema]) => [type, checkerOf<T>(schema)]),
  );
  return (text) => {
    const value = parsed(text);
    if (typeof value !== 'object' || value === null) return { problem: 'it is no JSON object' };
    const { type } = value as { type?: unknown };
    if (typeof type !== 'string') return { problem: 'it has no type' };
    const check = checks.get(type);
    if (check === undefined) return { message: undefined };
    const checked = check(value);
    if ('problem' in checked) return { problem: `${type}: ${checked.problem}` };
    return { message: checked.value };
  };
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
