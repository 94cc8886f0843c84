import { rootSchema, type CustomResourceDefinition, type Schema } from './schema.ts';

/** Markdown with a row for every field, and the rules that the API server applies. */
export function fieldReference(crd: CustomResourceDefinition): string {
  const { group, names, versions } = crd.spec;
  const root = rootSchema(crd);
  const { spec = {}, status = {} } = root.properties ?? {};
  const rules = [...rulesOf(root)];
  return [
    `# ${names.kind}`,
    '',
    `<!-- Generated from crds/ by \`npm run generate\`; do not edit. -->`,
    '',
    `\`${group}/${versions[0]?.name ?? ''}\`. ${root.description ?? ''}`,
    '',
    '## spec',
    '',
    ...table(spec, 'spec'),
    '',
    '## Rules across fields',
    '',
    ...rules.map((rule) => `* ${rule}`),
    '',
    '## status',
    '',
    ...table(status, 'status'),
    '',
  ].join('\n');
}

function table(schema: Schema, path: string): string[] {
  return ['| field | type | default | |', '|---|---|---|---|', ...rows(schema, path)];
}

function* rows(schema: Schema, path: string): Generator<string> {
  for (const [name, field] of Object.entries(schema.properties ?? {})) {
    const at = `${path}.${name}`;
    const must = schema.required?.includes(name) === true ? ' **required**' : '';
    const cells = [`\`${at}\``, typeOf(field), defaultOf(field), (field.description ?? '') + must];
    yield `| ${cells.map((cell) => cell.replaceAll('|', '\\|')).join(' | ')} |`;
    yield* rows(field, at);
    if (field.items?.properties !== undefined) yield* rows(field.items, `${at}[]`);
  }
}

function typeOf(field: Schema): string {
  if (field.enum !== undefined) return field.enum.map((value) => `\`${value}\``).join(', ');
  if (field['x-kubernetes-int-or-string'] === true) return 'quantity';
  if (field.type === 'array') return `list of ${field.items?.type ?? 'object'}`;
  if (typeof field.additionalProperties === 'object') return 'map';
  const { minimum, maximum } = field;
  const range = minimum !== undefined && maximum !== undefined ? ` ${minimum}–${maximum}` : '';
  return `${field.type ?? ''}${range}`;
}

function defaultOf(field: Schema): string {
  const { default: value } = field;
  if (value === undefined || typeof value === 'object') return '';
  return `\`${JSON.stringify(value).replaceAll('"', '')}\``;
}

function* rulesOf(schema: Schema): Generator<string> {
  for (const { message } of schema['x-kubernetes-validations'] ?? []) yield message;
  for (const field of Object.values(schema.properties ?? {})) yield* rulesOf(field);
  if (schema.items !== undefined) yield* rulesOf(schema.items);
}
