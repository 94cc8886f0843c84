import { Ajv, type AnySchema, type ErrorObject } from 'ajv';

/** The value, now known to fit, or where it does not: field and rule, never what the sender wrote there. */
export type Checked<T> = { readonly value: T } | { readonly problem: string };

/** A check of values from the wire against a JSON Schema. Stops at the first fault. */
export function checkerOf<T>(schema: AnySchema): (value: unknown) => Checked<T> {
  const validate = new Ajv({ strict: true, allowUnionTypes: true }).compile<T>(schema);
  return (value) => {
    if (validate(value)) return { value: value as T };
    return { problem: explain(validate.errors?.[0]) };
  };
}

/** Names of members come from the sender as well, so a path is cut short. */
const MAX_PATH = 80;

function explain(error: ErrorObject | undefined): string {
  if (error === undefined) return 'it does not fit its schema';
  const { instancePath, keyword, params, message = keyword } = error;
  const missing = keyword === 'required' ? `/${String(params['missingProperty'])}` : '';
  const path = `${instancePath}${missing}`.slice(0, MAX_PATH).replace(/[^\x20-\x7e]/g, '?');
  return `${path === '' ? 'it' : path} ${missing === '' ? message : 'is missing'}`;
}
