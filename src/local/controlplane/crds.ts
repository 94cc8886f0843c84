import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { parseAllDocuments } from 'yaml';
import type { KubeClient, KubeObject, Resource } from '../../runtime/kube.ts';

const CRD: Resource = {
  group: 'apiextensions.k8s.io',
  version: 'v1',
  plural: 'customresourcedefinitions',
  kind: 'CustomResourceDefinition',
};

const ESTABLISHED_TIMEOUT_MS = 30_000;
const PAUSE_MS = 50;

interface Definition extends KubeObject {
  readonly status?: {
    readonly conditions?: readonly { readonly type: string; readonly status: string }[];
  };
}

/** The manifests of a folder, in order of their names; folders below it are not read. */
export function manifestFiles(folder: string): readonly string[] {
  return readdirSync(folder)
    .filter((name) => /\.ya?ml$/.test(name))
    .sort()
    .map((name) => join(folder, name));
}

/**
 * Applies definitions and waits until the API server serves them.
 * @throws KubeError when one is refused, Error when one is not served within 30 s
 */
export async function installCrds(client: KubeClient, files: readonly string[]): Promise<void> {
  const definitions = files.flatMap(read);
  await Promise.all(definitions.map((definition) => apply(client, definition)));
  for (const { metadata } of definitions) await established(client, metadata.name ?? '');
}

function read(file: string): readonly Definition[] {
  const documents = parseAllDocuments(readFileSync(file, 'utf8'), { merge: true });
  return documents.map((document) => document.toJS() as Definition);
}

async function apply(client: KubeClient, definition: Definition): Promise<void> {
  const ref = { resource: CRD, name: definition.metadata.name ?? '' };
  const options = { type: 'apply', fieldManager: 'osv-faas', force: true } as const;
  await client.patch(ref, definition, options);
}

async function established(client: KubeClient, name: string): Promise<void> {
  const deadline = Date.now() + ESTABLISHED_TIMEOUT_MS;
  while (Date.now() < deadline) {
    const { status } = (await client.get({ resource: CRD, name })) as Definition;
    const conditions = status?.conditions ?? [];
    if (conditions.some(({ type, status: is }) => type === 'Established' && is === 'True')) return;
    await sleep(PAUSE_MS);
  }
  throw new Error(`${name} is not served within ${ESTABLISHED_TIMEOUT_MS / 1000} s`);
}
