import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { parse } from 'yaml';
import { FUNCTIONS, OSVPOOLS, type Function, type OsvPool } from '../../api/types.ts';
import type { KubeClient, KubeObject, Resource } from '../../runtime/kube.ts';
import { packageRoot } from '../environment.ts';

/** A manifest of ours as it is, before the API server fills in defaults. */
export function manifest(path: string): unknown {
  return parse(readFileSync(join(packageRoot, 'manifests', path), 'utf8'));
}

export function applyPool(client: KubeClient, pool: OsvPool): Promise<void> {
  return apply(client, OSVPOOLS, pool);
}

export function applyFunction(client: KubeClient, fn: Function): Promise<void> {
  return apply(client, FUNCTIONS, fn);
}

export async function readFunction(client: KubeClient, fn: Function): Promise<Function> {
  const { name, namespace } = fn.metadata;
  return (await client.get({ resource: FUNCTIONS, name, namespace })) as Function;
}

/** As `kubectl apply --server-side`. */
async function apply(client: KubeClient, resource: Resource, object: KubeObject): Promise<void> {
  const { name = '', namespace = '' } = object.metadata;
  const options = { type: 'apply', fieldManager: 'osv-faas-demo', force: true } as const;
  await client.patch({ resource, name, namespace }, object, options);
}
