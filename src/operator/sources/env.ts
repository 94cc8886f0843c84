import type { FunctionSpec } from '../../api/types.ts';
import type { ObjectData, ObjectReader } from './objects.ts';
import { SourceProblem } from './problem.ts';

type EnvVar = NonNullable<FunctionSpec['env']>[number];
type EnvFrom = NonNullable<FunctionSpec['envFrom']>[number];
type KeyRef = { readonly name: string; readonly key: string; readonly optional: boolean };

/**
 * A Function's environment: `envFrom` in its order, then `env`, as in a pod.
 * @throws SourceProblem for an object or key that does not exist and is not optional
 */
export async function resolveEnv(
  spec: Pick<FunctionSpec, 'env' | 'envFrom'>,
  objects: ObjectReader,
): Promise<Readonly<Record<string, string>>> {
  const env: Record<string, string> = {};
  for (const source of spec.envFrom ?? []) Object.assign(env, await allOf(source, objects));
  for (const variable of spec.env ?? []) {
    const value = await valueOf(variable, objects);
    if (value !== undefined) env[variable.name] = value;
  }
  return env;
}

async function allOf(source: EnvFrom, objects: ObjectReader): Promise<Record<string, string>> {
  const { prefix = '', secretRef, configMapRef } = source;
  const data =
    secretRef === undefined
      ? await optionally(configMapRef?.optional, () => objects.configMap(configMapRef?.name ?? ''))
      : await optionally(secretRef.optional, () => objects.secret(secretRef.name));
  const pairs = [...(data ?? [])].map(([key, value]) => [prefix + key, value.toString('utf8')]);
  // As in a pod: keys that are no names of variables are passed over.
  return Object.fromEntries(
    pairs.filter(([name = '']) => /^[A-Za-z_][\w.-]*$/.test(name) && !name.startsWith('OSV_FAAS_')),
  ) as Record<string, string>;
}

async function valueOf(variable: EnvVar, objects: ObjectReader): Promise<string | undefined> {
  const { value, valueFrom } = variable;
  if (valueFrom === undefined) return value ?? '';
  const { secretKeyRef, configMapKeyRef } = valueFrom;
  if (secretKeyRef !== undefined) {
    return keyOf(secretKeyRef, 'Secret', (name) => objects.secret(name));
  }
  return configMapKeyRef && keyOf(configMapKeyRef, 'ConfigMap', (name) => objects.configMap(name));
}

async function keyOf(
  ref: KeyRef,
  kind: string,
  read: (name: string) => Promise<ObjectData>,
): Promise<string | undefined> {
  const data = await optionally(ref.optional, () => read(ref.name));
  const value = data?.get(ref.key);
  if (value === undefined && !ref.optional) {
    throw new SourceProblem('KeyNotFound', `${kind} ${ref.name} has no key ${ref.key}`);
  }
  return value?.toString('utf8');
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
