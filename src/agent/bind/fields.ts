import { Refusal } from '../refusal.ts';

export type Fields = Readonly<Record<string, unknown>>;

/** A `ManifestInvalid` refusal that names field, rule and value (shortened). */
export function fail(field: string, rule: string, value: unknown): Refusal {
  const shown = typeof value === 'string' ? value : show(value);
  return new Refusal(400, 'ManifestInvalid', `${field} ${rule}, got ${shown.slice(0, 100)}`);
}

/** JSON, but for what has none. */
function show(value: unknown): string {
  return value === undefined ? 'nothing' : JSON.stringify(value);
}

export function object(value: unknown, at: string): Fields {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) {
    throw fail(at, 'must be an object', value);
  }
  return value as Fields;
}

export function array(value: unknown, at: string, max: number): readonly unknown[] {
  if (!Array.isArray(value) || value.length > max) {
    throw fail(
      at,
      `must be an array of at most ${max}`,
      Array.isArray(value) ? value.length : value,
    );
  }
  return value as unknown[];
}

/** A non-empty string member. */
export function text(fields: Fields, name: string, at: string): string {
  const value = fields[name];
  if (typeof value !== 'string' || value === '') {
    throw fail(at === name ? name : `${at}.${name}`, 'must be a non-empty string', value);
  }
  return value;
}

interface Range {
  readonly minimum: number;
  readonly maximum: number;
}

export function integer(value: unknown, at: string, range: Range): number {
  const { minimum: min, maximum: max } = range;
  if (!Number.isSafeInteger(value) || (value as number) < min || (value as number) > max) {
    throw fail(at, `must be an integer from ${min} to ${max}`, value);
  }
  return value as number;
}

/** A map of strings, as environments are: no "=" or NUL in names, no NUL in values. */
export function strings(value: unknown, at: string): Readonly<Record<string, string>> {
  const fields = object(value, at);
  for (const [name, entry] of Object.entries(fields)) {
    if (typeof entry !== 'string' || entry.includes('\0')) {
      throw fail(`${at}.${name}`, 'must be a string without NUL', entry);
    }
    if (name === '' || /[=\0]/.test(name)) {
      throw fail(at, 'must have names without "=" and NUL', name);
    }
  }
  return fields as Record<string, string>;
}
