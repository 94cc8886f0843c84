/** The rendered roles, really applied: what the two service accounts may do, and what not. */
import { randomBytes } from 'node:crypto';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { sharedCluster, type Cluster } from '../../support/cluster.ts';
import { eventually } from '../../support/local.ts';
import { acquireHelm, HELM_TIMEOUT_MS, render } from '../../support/helm.ts';

/** People with one of the roles that every cluster has, in namespace `default`. */
const PEOPLE = ['admin', 'edit', 'view'] as const;
const KINDS = ['ServiceAccount', 'ClusterRole', 'ClusterRoleBinding'];

let cluster: Cluster;
let namespace: string;
let release: string;
let applied = '';

beforeAll(async () => {
  await acquireHelm();
  cluster = sharedCluster();
  namespace = await cluster.newNamespace('chart-rights');
  release = `rights-${randomBytes(3).toString('hex')}`;
  const objects = await render({}, { namespace, release });
  const items = objects.filter(({ kind = '' }) => KINDS.includes(kind));
  applied = JSON.stringify({ apiVersion: 'v1', kind: 'List', items });
  const { code, stderr } = await cluster.kubectl(['apply', '-f', '-'], applied);
  expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
  for (const role of PEOPLE) {
    const args = ['create', 'rolebinding', `${role}s`, `--clusterrole=${role}`, `--user=${role}`];
    expect((await cluster.kubectl([...args, '-n', namespace])).code).toBe(0);
  }
}, HELM_TIMEOUT_MS);

// Cluster-wide: not gone with the namespace.
afterAll(async () => {
  await cluster.kubectl(['delete', '--ignore-not-found', '-f', '-'], applied);
}, 60_000);

type Account = 'operator' | 'gateway' | 'nobody';

interface Right {
  readonly who: Account;
  /** Verb and resource, as `kubectl auth can-i` takes them, in a namespace that is not the release's. */
  readonly what: string;
  readonly may: boolean;
  readonly why: string;
}

const may = (who: Account, why: string, ...whats: readonly string[]): readonly Right[] =>
  whats.map((what) => ({ who, what, may: true, why }));
const mayNot = (who: Account, why: string, ...whats: readonly string[]): readonly Right[] =>
  whats.map((what) => ({ who, what, may: false, why }));

const RIGHTS: readonly Right[] = [
  ...may(
    'operator',
    'reconciles them, with a finalizer',
    'watch functions.faas.osv.io',
    'patch functions.faas.osv.io',
    'watch osvpools.faas.osv.io',
    'patch osvpools.faas.osv.io',
  ),
  ...may(
    'operator',
    'says how they are',
    'patch functions.faas.osv.io --subresource=status',
    'patch osvpools.faas.osv.io --subresource=status',
  ),
  ...may(
    'operator',
    'keeps VMs warm, labels and deletes them',
    'watch virtualmachineinstances.kubevirt.io',
    'create virtualmachineinstances.kubevirt.io',
    'patch virtualmachineinstances.kubevirt.io',
    'delete virtualmachineinstances.kubevirt.io',
  ),
  ...may('operator', 'a Function may name them', 'get configmaps', 'get secrets'),
  ...may(
    'operator',
    'follows the versions of what Functions name',
    'list secrets',
    'watch secrets',
    'list configmaps',
    'watch configmaps',
  ),
  ...may('operator', 'owns VMs', 'update osvpools.faas.osv.io --subresource=finalizers'),
  ...may('operator', 'knows gateways by their tokens', 'create tokenreviews.authentication.k8s.io'),
  ...may(
    'operator',
    'says what happens',
    'create events.events.k8s.io',
    'patch events.events.k8s.io',
  ),
  ...may('operator', 'reads consoles of lost VMs', 'list pods', 'get pods --subresource=log'),
  ...mayNot('operator', 'writes none', 'create secrets', 'patch secrets', 'delete secrets'),
  ...mayNot('operator', 'writes no ConfigMap', 'patch configmaps'),
  ...mayNot(
    'operator',
    'the owner makes and deletes them',
    'create functions.faas.osv.io',
    'delete functions.faas.osv.io',
    'create osvpools.faas.osv.io',
    'delete osvpools.faas.osv.io',
  ),
  ...mayNot(
    'operator',
    'KubeVirt makes the pods',
    'get pods',
    'create pods',
    'delete pods',
    'create pods --subresource=exec',
  ),
  ...mayNot(
    'operator',
    'one VM at a time',
    'deletecollection virtualmachineinstances.kubevirt.io',
    'create virtualmachines.kubevirt.io',
  ),
  ...mayNot(
    'operator',
    'cannot give itself more',
    'create clusterrolebindings.rbac.authorization.k8s.io',
    'escalate clusterroles.rbac.authorization.k8s.io',
    'impersonate users',
    'create serviceaccounts --subresource=token',
    'get nodes',
    'patch namespaces',
  ),
  ...may(
    'gateway',
    'routes by them',
    'get functions.faas.osv.io',
    'list functions.faas.osv.io',
    'watch functions.faas.osv.io',
  ),
  ...may(
    'gateway',
    'finds bound VMs while the operator is away',
    'list virtualmachineinstances.kubevirt.io',
  ),
  ...mayNot(
    'gateway',
    'strangers talk to it: no secret is to be had',
    'get secrets',
    'list secrets',
    'watch secrets',
    'get configmaps',
    'create serviceaccounts --subresource=token',
  ),
  ...mayNot(
    'gateway',
    'changes nothing',
    'patch functions.faas.osv.io',
    'patch functions.faas.osv.io --subresource=status',
    'create virtualmachineinstances.kubevirt.io',
    'patch virtualmachineinstances.kubevirt.io',
    'delete virtualmachineinstances.kubevirt.io',
    'create pods',
    'impersonate users',
  ),
  ...mayNot(
    'gateway',
    'is the operator’s business',
    'get osvpools.faas.osv.io',
    'create tokenreviews.authentication.k8s.io',
  ),
  ...mayNot(
    'nobody',
    'an account that no binding names: the answers above come from the roles',
    'list functions.faas.osv.io',
    'get secrets',
    'list virtualmachineinstances.kubevirt.io',
  ),
];

test.each(RIGHTS)('$who: $what: $may, $why', async ({ who, what, may: expected }) => {
  const name = who === 'nobody' ? 'default' : `${release}-osv-faas-${who}`;
  const as = `--as=system:serviceaccount:${namespace}:${name}`;
  const args = ['auth', 'can-i', ...what.split(' '), '--namespace', 'default', as];
  const { stdout } = await cluster.kubectl(args);
  expect(stdout.trim()).toMatch(expected ? /^yes$/ : /^no/);
});

const FUNCTIONS = 'functions.faas.osv.io';
const POOLS = 'osvpools.faas.osv.io';

test.each([
  ...[FUNCTIONS, POOLS].flatMap((kind) => [
    ...['admin', 'edit'].flatMap((who) => [
      { who, what: `create ${kind}`, expected: 'yes' },
      { who, what: `delete ${kind}`, expected: 'yes' },
      { who, what: `list ${kind}`, expected: 'yes' },
      { who, what: `patch ${kind} --subresource=scale`, expected: 'yes' },
      { who, what: `patch ${kind} --subresource=status`, expected: 'no' },
    ]),
    { who: 'view', what: `watch ${kind}`, expected: 'yes' },
    { who: 'view', what: `get ${kind} --subresource=status`, expected: 'yes' },
    { who: 'view', what: `create ${kind}`, expected: 'no' },
    { who: 'view', what: `patch ${kind} --subresource=scale`, expected: 'no' },
  ]),
])('who may $who a namespace: $what: $expected', async ({ who, what, expected }) => {
  const canI = async (where: string): Promise<string> => {
    const args = ['auth', 'can-i', ...what.split(' '), `--namespace=${where}`, `--as=${who}`];
    return (await cluster.kubectl(args)).stdout.trim();
  };
  // The controller manager adds the rules to the roles of the cluster, some time after they are there.
  await eventually('the answer', async () => (await canI(namespace)) === expected);
  expect(await canI('default')).toBe('no');
});
