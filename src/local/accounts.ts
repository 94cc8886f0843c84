import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { parse } from 'yaml';
import type { KubeClient, KubeObject, Resource } from '../runtime/kube.ts';

export const SYSTEM_NAMESPACE = 'osv-faas-system';
export const ACCOUNTS = { operator: 'osv-faas-operator', gateway: 'osv-faas-gateway' } as const;

const RBAC = { group: 'rbac.authorization.k8s.io', version: 'v1' };
const NAMESPACES = { group: '', version: 'v1', plural: 'namespaces', kind: 'Namespace' };
const SERVICE_ACCOUNTS = {
  group: '',
  version: 'v1',
  plural: 'serviceaccounts',
  kind: 'ServiceAccount',
};
const ROLES = { ...RBAC, plural: 'clusterroles', kind: 'ClusterRole' };
const BINDINGS = { ...RBAC, plural: 'clusterrolebindings', kind: 'ClusterRoleBinding' };

/**
 * The service accounts of operator and gateway with the chart's own rules, so
 * that a rule that is missing is found on a laptop.
 * @param rulesDir folder with `operator-rules.yaml` and `gateway-rules.yaml`
 */
export async function installAccounts(client: KubeClient, rulesDir: string): Promise<void> {
  await apply(client, NAMESPACES, { metadata: { name: SYSTEM_NAMESPACE } });
  for (const [part, name] of Object.entries(ACCOUNTS)) {
    const rules = parse(readFileSync(join(rulesDir, `${part}-rules.yaml`), 'utf8')) as unknown;
    await apply(client, SERVICE_ACCOUNTS, { metadata: { name, namespace: SYSTEM_NAMESPACE } });
    await apply(client, ROLES, { metadata: { name }, rules } as KubeObject);
    await apply(client, BINDINGS, {
      metadata: { name },
      roleRef: { apiGroup: RBAC.group, kind: 'ClusterRole', name },
      subjects: [{ kind: 'ServiceAccount', name, namespace: SYSTEM_NAMESPACE }],
    } as KubeObject);
  }
}

async function apply(client: KubeClient, resource: Resource, object: KubeObject): Promise<void> {
  const { name = '', namespace } = object.metadata;
  const apiVersion =
    resource.group === '' ? resource.version : `${resource.group}/${resource.version}`;
  const ref = { resource, name, ...(namespace === undefined ? {} : { namespace }) };
  const body = { apiVersion, kind: resource.kind, ...object };
  await client.patch(ref, body, { type: 'apply', fieldManager: 'osv-faas-local', force: true });
}
