import { beforeAll, describe, expect, test } from '@jest/globals';
import { sharedCluster, type Cluster } from '../../support/cluster.ts';
import { acquireHelm, HELM_TIMEOUT_MS, render } from '../../support/helm.ts';
import type { KubeObject } from '../../../src/runtime/kube.ts';
import type { Deployment } from './shapes.ts';
import { USUAL, variantsFor } from './variants.ts';

const DRY_RUN = ['--dry-run=server', '-f', '-'];

let cluster: Cluster;
let namespace: string;
let vms: string;

beforeAll(async () => {
  await acquireHelm();
  cluster = sharedCluster();
  vms = await cluster.newNamespace('chart-vms');
  namespace = await cluster.newNamespace('chart');
  const level = ['enforce', 'warn'].map((how) => `pod-security.kubernetes.io/${how}=restricted`);
  await cluster.kubectl(['label', 'namespace', namespace, ...level]);
}, HELM_TIMEOUT_MS);

function list(objects: readonly KubeObject[]): string {
  return JSON.stringify({ apiVersion: 'v1', kind: 'List', items: objects });
}

describe.each(variantsFor('').map(({ why }, index) => ({ why, index })))('$why', ({ index }) => {
  let objects: readonly KubeObject[];

  beforeAll(async () => {
    const values = variantsFor(vms)[index]?.values;
    objects = await render(values, { namespace, args: ['--include-crds'] });
  });

  test('has the kinds that were asked for', () => {
    const kinds = new Set(USUAL);
    for (const [kind, there] of Object.entries(variantsFor(vms)[index]?.kinds ?? {})) {
      if (there) kinds.add(kind);
      else kinds.delete(kind);
    }
    const rendered = new Set(objects.map(({ kind }) => kind));
    expect(rendered).toEqual(kinds.add('CustomResourceDefinition'));
  });

  test('every object passes the API server, without a warning', async () => {
    const args = ['apply', '--server-side', '--force-conflicts', '--validate=strict', ...DRY_RUN];
    const { code, stdout, stderr } = await cluster.kubectl(args, list(objects));
    expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
    expect(stdout.trim().split('\n')).toHaveLength(objects.length);
  });

  test('its pods are admitted where pod security is restricted', async () => {
    const accounts = objects.filter(({ kind }) => kind === 'ServiceAccount');
    await cluster.kubectl(['apply', '--server-side', '-f', '-'], list(accounts));
    const deployments = objects.filter(({ kind }) => kind === 'Deployment');
    const pods = deployments.map((deployment): KubeObject => ({
      apiVersion: 'v1',
      kind: 'Pod',
      ...(deployment as Deployment).spec.template,
      metadata: { name: `pod-of-${deployment.metadata.name ?? ''}`, namespace },
    }));
    const { code, stderr } = await cluster.kubectl(['create', ...DRY_RUN], list(pods));
    expect({ code, stderr, pods: pods.length }).toEqual({ code: 0, stderr: '', pods: 2 });
  });
});

test('the namespace does refuse pods that are less than restricted', async () => {
  const spec = { containers: [{ name: 'root', image: 'registry.example/root' }] };
  const pod = { apiVersion: 'v1', kind: 'Pod', metadata: { name: 'root', namespace }, spec };
  const { code, stderr } = await cluster.kubectl(['create', ...DRY_RUN], JSON.stringify(pod));
  expect(code).toBe(1);
  expect(stderr).toContain('violates PodSecurity "restricted:latest"');
});
