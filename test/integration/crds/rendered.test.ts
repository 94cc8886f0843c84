/** The sample pools: what the API server makes of them, and what `vmi render` says that it would. */
import { beforeAll, expect, test } from '@jest/globals';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { parse } from 'yaml';
import { collectionPath } from '../../../src/adapters/kube/paths.ts';
import { withDefaults, type ObjectSchema } from '../../../src/adapters/kube/defaults.ts';
import { VMIS } from '../../../src/api/types.ts';
import { renderFile } from '../../../src/cli/vmi/render.ts';
import { EXAMPLE } from '../../../src/cli/vmi/vmi.ts';
import { sharedCluster, type Cluster } from '../../support/cluster.ts';
import { root } from '../../support/paths.ts';
import { dryRun } from './manifests.ts';

const folder = join(root, 'manifests/pools');
const files = readdirSync(folder).toSorted();
const crd = parse(readFileSync(join(root, 'crds/osvpools.yaml'), 'utf8'), {
  merge: true,
}) as ObjectSchema;

let cluster: Cluster;
let namespace: string;

beforeAll(async () => {
  cluster = sharedCluster();
  namespace = await cluster.newNamespace('rendered');
});

function poolIn(file: string): { metadata: object; spec: object } {
  const pool = parse(readFileSync(join(folder, file), 'utf8')) as { metadata: object; spec: object };
  return { ...pool, metadata: { ...pool.metadata, namespace } };
}

test.each(files)('%s is taken, and its defaults are those that we fill in', async (file) => {
  const pool = poolIn(file);
  const { spec } = withDefaults(crd, pool) as { spec: object };
  expect((await dryRun(cluster, namespace, pool))['spec']).toEqual(spec);
});

test.each(files)('%s gives a VM that the API server takes as it is', async (file) => {
  const text = renderFile(file, readFileSync(join(folder, file), 'utf8'), EXAMPLE);
  const vmi = parse(text) as { metadata: object; spec: object };
  const path = `${collectionPath(VMIS, namespace)}?dryRun=All&fieldValidation=Strict`;
  const body = { ...vmi, metadata: { ...vmi.metadata, namespace } };
  expect(await cluster.client.request({ method: 'POST', path, body })).toMatchObject({
    spec: vmi.spec,
  });
});
