import { isUtf8 } from 'node:buffer';
import type { FunctionSpec } from '../../api/types.ts';
import type { ReferencedKind } from './references.ts';
import type { ObjectData, ObjectReader } from './objects.ts';
import { expand, MAX_VALUE } from './expand.ts';
import { SourceProblem } from './problem.ts';

type EnvVar = NonNullable<FunctionSpec['env']>[number];
type EnvFrom = NonNullable<FunctionSpec['envFrom']>[number];
type KeyRef = { readonly name: string; readonly key: string; readonly optional: boolean };

/**
 * A Function's environment: `envFrom` in its order, then `env`, as in a pod; values may refer to what came before.
 * @throws SourceProblem for an object or key that does not exist and is not optional, and for a value that is no text
 */
export async function resolveEnv(
  spec: Pick<FunctionSpec, 'env' | 'envFrom'>,
  objects: ObjectReader,
): Promise<Readonly<Record<string, string>>> {
  const env = new Map<string, string>();
  for (const source of spec.envFrom ?? []) {
    for (const [name, value] of await allOf(source, objects)) env.set(name, value);
  }
  for (const variable of spec.env ?? []) {
    const value = await valueOf(variable, env, objects);
    if (value !== undefined) env.set(variable.name, value);
  }
  return Object.fromEntries(env);
}

async function allOf(source: EnvFrom, objects: ObjectReader): Promise<[string, string][]> {
  const { prefix = '', secretRef, configMapRef } = source;
  const kind = secretRef === undefined ? 'ConfigMap' : 'Secret';
  const { name = '', optional } = secretRef ?? configMapRef ?? {};
  const data = await optionally(optional, () => read(objects, kind, name));
  // As in a pod: keys that are no names of variables are passed over.
  const named = [...(data ?? [])].filter(([key]) => isVariable(prefix + key));
  return named.map(([key, value]) => [prefix + key, textOf(value, { kind, name, key })]);
}

function isVariable(name: string): boolean {
  return /^[A-Za-z_][\w.-]*$/.test(name) && !name.startsWith('OSV_FAAS_');
}

async function valueOf(
  { name, value = '', valueFrom }: EnvVar,
  before: ReadonlyMap<string, string>,
  objects: ObjectReader,
): Promise<string | undefined> {
  if (valueFrom === undefined) return filledIn(name, value, before);
  const { secretKeyRef, configMapKeyRef } = valueFrom;
  if (secretKeyRef !== undefined) return keyOf(secretKeyRef, 'Secret', objects);
  return configMapKeyRef && keyOf(configMapKeyRef, 'ConfigMap', objects);
}

function filledIn(name: string, value: string, before: ReadonlyMap<string, string>): string {
  const text = expand(value, before);
  if (text !== undefined) return text;
  const rule = `must not be longer than ${MAX_VALUE} characters with its references filled in`;
  throw new SourceProblem('ValueTooLong', `the value of spec.env ${name} ${rule}`);
}

async function keyOf(
  { name, key, optional }: KeyRef,
  kind: ReferencedKind,
  objects: ObjectReader,
): Promise<string | undefined> {
  const data = await optionally(optional, () => read(objects, kind, name));
  const value = data?.get(key);
  if (value !== undefined) return textOf(value, { kind, name, key });
  if (optional) return undefined;
  throw new SourceProblem('KeyNotFound', `${kind} ${name} has no key ${key}`);
}

function read(objects: ObjectReader, kind: ReferencedKind, name: string): Promise<ObjectData> {
  return kind === 'Secret' ? objects.secret(name) : objects.configMap(name);
}

/** Bytes that are no text cannot stand in an environment; a NUL would end the value there. */
function textOf(
  value: Buffer,
  { kind, name, key }: { kind: ReferencedKind; name: string; key: string },
): string {
  if (isUtf8(value) && !value.includes(0)) return value.toString('utf8');
  const rule = 'must be UTF-8 without NUL to be a variable; put files into the source';
  throw new SourceProblem('ValueNotText', `the value of key ${key} of ${kind} ${name} ${rule}`);
}

async function optionally(
  optional: boolean | undefined,
  read: () => Promise<ObjectData>,
): Promise<ObjectData | undefined> {
  try {
    return await read();
  } catch (error) {
    if (optional === true && error instanceof SourceProblem) return undefined;
    throw error;
  }
}
