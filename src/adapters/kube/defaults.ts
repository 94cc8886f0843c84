import { Ajv, type ErrorObject } from 'ajv';

/** The part of a CustomResourceDefinition that says what its objects look like. */
export interface ObjectSchema {
  readonly spec: {
    readonly versions: readonly { readonly schema: { readonly openAPIV3Schema: object } }[];
  };
}

/**
 * Fills in an object's defaults as the API server does, from the CRD's own schema, and checks
 * types, bounds and patterns. The CRD's CEL rules are the API server's alone.
 * @throws Error that names every field that is wrong, with rule and value
 */
export function withDefaults(crd: ObjectSchema, object: object): object {
  const schema = crd.spec.versions[0]?.schema.openAPIV3Schema ?? {};
  // Kubernetes has keywords and formats of its own; what they mean to it stays with it.
  const ajv = new Ajv({
    useDefaults: true,
    strict: false,
    validateFormats: false,
    allErrors: true,
    verbose: true,
  });
  const filled = structuredClone(object);
  if (ajv.validate(schema, filled)) return filled;
  throw new Error((ajv.errors ?? []).map(explain).join('\n'));
}

function explain({
  instancePath,
  message = 'is wrong',
  data,
  params,
  keyword,
}: ErrorObject): string {
  const field = instancePath.slice(1).replaceAll('/', '.') || 'the object';
  const allowed = keyword === 'enum' ? ` ${JSON.stringify(params['allowedValues'])}` : '';
  const value = typeof data === 'object' ? '' : `, got ${JSON.stringify(data)}`;
  return `${field} ${message}${allowed}${value}`;
}
