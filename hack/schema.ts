import type { JSONSchema } from 'json-schema-to-typescript';

/** The part of OpenAPI v3 that a CRD's structural schema uses. */
export interface Schema {
  type?: string;
  description?: string;
  default?: unknown;
  enum?: readonly string[];
  properties?: Record<string, Schema>;
  required?: readonly string[];
  additionalProperties?: Schema | boolean;
  items?: Schema;
  minimum?: number;
  maximum?: number;
  pattern?: string;
  'x-kubernetes-preserve-unknown-fields'?: boolean;
  'x-kubernetes-int-or-string'?: boolean;
  'x-kubernetes-validations'?: readonly { rule: string; message: string }[];
}

export interface CustomResourceDefinition {
  spec: {
    group: string;
    names: { kind: string; singular: string };
    versions: { name: string; schema: { openAPIV3Schema: Schema } }[];
  };
}

export function rootSchema(crd: CustomResourceDefinition): Schema {
  const version = crd.spec.versions[0];
  if (version === undefined) throw new Error(`${crd.spec.names.kind}: no version`);
  return version.schema.openAPIV3Schema;
}

/**
 * As JSON Schema for an object as the API server gives it back: unknown fields
 * are pruned, and a field with a default is always there.
 */
export function jsonSchemaOf(crd: CustomResourceDefinition): JSONSchema {
  const { spec, status } = rootSchema(crd).properties ?? {};
  const title = crd.spec.names.kind;
  return {
    type: 'object',
    title: `${title}Fields`,
    additionalProperties: false,
    required: ['spec'],
    properties: {
      spec: { ...closed(spec), title: `${title}Spec` },
      status: { ...closed(status), title: `${title}Status` },
    },
  };
}

function closed(schema: Schema = {}): JSONSchema {
  if (schema['x-kubernetes-int-or-string'] === true) {
    return { description: schema.description ?? '', type: ['integer', 'string'] };
  }
  const open = schema['x-kubernetes-preserve-unknown-fields'] === true;
  if (schema.type !== 'object' || open) {
    return {
      ...bare(schema),
      ...(schema.items === undefined ? {} : { items: closed(schema.items) }),
    };
  }
  if (typeof schema.additionalProperties === 'object') {
    return { ...bare(schema), additionalProperties: closed(schema.additionalProperties) };
  }
  const properties = Object.entries(schema.properties ?? {});
  const defaulted = properties.filter(([, field]) => field.default !== undefined);
  return {
    ...bare(schema),
    additionalProperties: false,
    properties: Object.fromEntries(properties.map(([name, field]) => [name, closed(field)])),
    required: [...new Set([...(schema.required ?? []), ...defaulted.map(([name]) => name)])],
  };
}

/** What a type says; bounds, patterns and defaults are the API server's business. */
function bare(schema: Schema): JSONSchema {
  return {
    ...(schema.description === undefined ? {} : { description: schema.description }),
    ...(schema.type === undefined ? {} : { type: schema.type as 'object' }),
    ...(schema.enum === undefined ? {} : { enum: [...schema.enum] }),
  };
}
