import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { beforeAll, describe, expect, test } from '@jest/globals';
import { parse } from 'yaml';
import { rootSchema, type CustomResourceDefinition, type Schema } from '../../../hack/schema.ts';
import { FUNCTIONS, OSVPOOLS } from '../../../src/api/types.ts';
import type { KubeObject } from '../../../src/runtime/kube.ts';
import { sharedCluster, type Cluster } from '../../support/cluster.ts';
import { root } from '../../support/paths.ts';
import { FUNCTION, merged, OSVPOOL } from './manifests.ts';

let cluster: Cluster;
let namespace: string;

beforeAll(async () => {
  cluster = sharedCluster();
  namespace = await cluster.newNamespace('explain');
  await make(FUNCTIONS, FUNCTION, {
    conditions: [condition('Ready', 'True', 'Serving')],
    replicas: 3,
    inFlight: 12,
    waiting: 4,
    url: '/explain/hello/',
  });
  await make(OSVPOOLS, OSVPOOL, {
    conditions: [condition('Ready', 'False', 'Refilling')],
    generic: 2,
    starting: 1,
    bound: 5,
    replicas: 8,
  });
});

async function make(resource: typeof FUNCTIONS, base: object, status: object): Promise<void> {
  const object = merged(base, { metadata: { namespace } }) as KubeObject;
  const name = object.metadata.name ?? '';
  await cluster.client.create(resource, object);
  const ref = { resource, name, namespace };
  await cluster.client.patch(ref, { status }, { type: 'merge', subresource: 'status' });
}

function condition(type: string, status: string, reason: string): object {
  return { type, status, reason, message: 'said', lastTransitionTime: '2026-01-01T00:00:00Z' };
}

/** Every field with its path, below lists and maps too. */
function* fieldsOf(schema: Schema, path: string): Generator<{ path: string; schema: Schema }> {
  for (const [name, field] of Object.entries(schema.properties ?? {})) {
    const here = path === '' ? name : `${path}.${name}`;
    yield { path: here, schema: field };
    yield* fieldsOf(field, here);
    if (field.items !== undefined) yield* fieldsOf(field.items, here);
    if (typeof field.additionalProperties === 'object') {
      yield* fieldsOf(field.additionalProperties, here);
    }
  }
}

describe.each(['functions', 'osvpools'])('kubectl explain %s', (plural) => {
  const text = readFileSync(join(root, 'crds', `${plural}.yaml`), 'utf8');
  const schema = rootSchema(parse(text, { merge: true }) as CustomResourceDefinition);

  test('every field has a description that is a sentence', () => {
    const silent = [...fieldsOf(schema, '')]
      // The API server describes metadata itself.
      .filter(({ path }) => path !== 'metadata')
      .filter(({ schema: field }) => !/^[A-Z].*\.$/s.test(field.description ?? ''))
      .map(({ path }) => path);
    expect(silent).toEqual([]);
  });

  test('the API server gives them all to kubectl', async () => {
    const { stdout } = await cluster.kubectl(['explain', plural, '--recursive']);
    const shown = new Set(stdout.match(/^\s+\w+(?=\t)/gm)?.map((name) => name.trim()));
    for (const { path } of fieldsOf(schema, '')) {
      expect(shown).toContain(path.slice(path.lastIndexOf('.') + 1));
    }
    const about = await cluster.kubectl(['explain', `${plural}.spec`]);
    expect(about.stdout).toContain(schema.properties?.['spec']?.description?.slice(0, 30));
    expect(about.stdout).not.toContain('<no description>');
  });
});

describe('kubectl get', () => {
  test('fn says: up, why, how many, how busy, since when', async () => {
    const { stdout } = await cluster.kubectl(['-n', namespace, 'get', 'fn']);
    const [head = '', row = ''] = stdout.split('\n');
    expect(head.split(/\s+/)).toEqual([
      ...['NAME', 'READY', 'REASON', 'VMS', 'INFLIGHT', 'WAITING', 'LASTACTIVE', 'AGE'],
    ]);
    expect(row.split(/\s+/).slice(0, 6)).toEqual(['hello', 'True', 'Serving', '3', '12', '4']);
  });

  test('fn -o wide adds application, pool, URL and revision', async () => {
    const { stdout } = await cluster.kubectl(['-n', namespace, 'get', 'fn', '-o', 'wide']);
    expect(stdout).toMatch(/AGE\s+APPLICATION\s+POOL\s+URL\s+REVISION/);
    expect(stdout).toMatch(/node\s+\/explain\/hello\//);
  });

  test('osvp says: up, warm, starting, bound, all', async () => {
    const { stdout } = await cluster.kubectl(['-n', namespace, 'get', 'osvp']);
    const [head = '', row = ''] = stdout.split('\n');
    expect(head.split(/\s+/)).toEqual([
      ...['NAME', 'READY', 'RUNTIME', 'WARM', 'STARTING', 'BOUND', 'VMS', 'AGE'],
    ]);
    expect(row.split(/\s+/).slice(0, 7)).toEqual(['node', 'False', 'Node', '2', '1', '5', '8']);
  });

  test('faas is a category of both', async () => {
    const { stdout } = await cluster.kubectl(['-n', namespace, 'get', 'faas', '-o', 'name']);
    expect(stdout.trim().split('\n').sort()).toEqual([
      'function.faas.osv.io/hello',
      'osvpool.faas.osv.io/node',
    ]);
  });

  test('kubectl wait works on the condition', async () => {
    const wait = ['wait', '--for=condition=Ready', 'fn/hello', '--timeout=10s'];
    expect(await cluster.kubectl(['-n', namespace, ...wait])).toMatchObject({ code: 0 });
  });
});
