import type { KubeError } from '../../../src/adapters/kube/error.ts';
import { collectionPath } from '../../../src/adapters/kube/paths.ts';
import { FUNCTIONS, OSVPOOLS } from '../../../src/api/types.ts';
import type { Cluster } from '../../support/cluster.ts';

type Json = Readonly<Record<string, unknown>>;

/** A wrong manifest, as its difference (RFC 7386) to a right one. */
export interface Refusal {
  readonly why: string;
  readonly patch: Json;
  /** What the API server's message must hold: field and rule. */
  readonly says: readonly string[];
}

export const FUNCTION: Json = {
  apiVersion: 'faas.osv.io/v1alpha1',
  kind: 'Function',
  metadata: { name: 'hello' },
  spec: {
    poolRef: { name: 'node' },
    source: { inline: { files: { 'index.js': 'export default { fetch: () => new Response() }' } } },
  },
};

export const OSVPOOL: Json = {
  apiVersion: 'faas.osv.io/v1alpha1',
  kind: 'OsvPool',
  metadata: { name: 'node' },
  spec: {
    image: {
      kernel: { image: 'registry.example/osv:1' },
      disk: { containerDisk: { image: 'registry.example/osv-node:1' } },
    },
    warm: { min: 2 },
  },
};

/** JSON merge patch (RFC 7386): null removes. */
export function merged(base: unknown, patch: unknown): unknown {
  if (!isObject(patch)) return patch;
  const result: Record<string, unknown> = isObject(base) ? { ...base } : {};
  for (const [name, value] of Object.entries(patch)) {
    if (value === null) Reflect.deleteProperty(result, name);
    else result[name] = merged(result[name], value);
  }
  return result;
}

/** What the API server would store; nothing is stored. Unknown fields are refused, as kubectl does it. */
export async function dryRun(cluster: Cluster, namespace: string, object: unknown): Promise<Json> {
  const resource = (object as { kind: string }).kind === 'Function' ? FUNCTIONS : OSVPOOLS;
  const path = `${collectionPath(resource, namespace)}?dryRun=All&fieldValidation=Strict`;
  return (await cluster.client.request({ method: 'POST', path, body: object })) as Json;
}

export async function refusalOf(work: Promise<unknown>): Promise<string> {
  const stored = await work.catch((error: unknown) => error as KubeError);
  if (stored instanceof Error) return stored.message;
  throw new Error('it was accepted');
}

function isObject(value: unknown): value is Json {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
