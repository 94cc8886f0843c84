/** What the API server does not check: that the rendered objects fit each other and the code. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { beforeAll, describe, expect, test } from '@jest/globals';
import { Command, type Option } from 'commander';
import { parse } from 'yaml';
import { STREAM_AUDIENCE } from '../../../src/adapters/operator/token-review.ts';
import { AGENT_PORT, LABELS, MANAGED_BY } from '../../../src/api/group.ts';
import { register as gateway } from '../../../src/cli/gateway.ts';
import { register as operator } from '../../../src/cli/operator.ts';
import { ACCOUNTS, SYSTEM_NAMESPACE } from '../../../src/local/accounts.ts';
import type { KubeObject } from '../../../src/runtime/kube.ts';
import { acquireHelm, chart, HELM_TIMEOUT_MS, render } from '../../support/helm.ts';
import { root } from '../../support/paths.ts';
import { argument, find, type Container, type Deployment, type PodSpec } from './shapes.ts';

const PARTS = ['operator', 'gateway'] as const;
type PartName = (typeof PARTS)[number];

let objects: readonly KubeObject[];

beforeAll(async () => {
  await acquireHelm();
  objects = await render(
    { networkPolicy: { vmNamespaces: ['shop'] } },
    { namespace: SYSTEM_NAMESPACE },
  );
}, HELM_TIMEOUT_MS);

function deploymentOf(part: PartName): Deployment {
  return find(objects, 'Deployment', ACCOUNTS[part]);
}

function podOf(part: PartName): PodSpec {
  return deploymentOf(part).spec.template.spec;
}

function containerOf(part: PartName): Container {
  return podOf(part).containers[0];
}

function optionsOf(part: PartName): readonly Option[] {
  const program = new Command();
  ({ operator, gateway })[part](program);
  return program.commands[0]?.options ?? [];
}

test('the chart has the version of the package', () => {
  const read = (path: string): string => readFileSync(path, 'utf8');
  const { version } = JSON.parse(read(join(root, 'package.json'))) as { version: string };
  const described = parse(read(join(chart, 'Chart.yaml'))) as object;
  expect(described).toMatchObject({ version, appVersion: version });
});

describe.each(PARTS)('%s', (part) => {
  test('is started with options that it has, none of them twice', () => {
    const [command, ...args] = containerOf(part).args;
    const flags = args.map((arg) => arg.split('=', 1)[0]);
    expect(command).toBe(part);
    expect(new Set(flags).size).toBe(flags.length);
    expect(optionsOf(part).map(({ long }) => long)).toEqual(expect.arrayContaining(flags));
  });

  test('listens where its ports say', () => {
    const container = containerOf(part);
    const [first, admin] = container.ports;
    expect(argument(container, 'port')).toBe(String(first?.containerPort));
    expect(argument(container, 'admin-port')).toBe(String(admin?.containerPort));
    for (const port of ['port', 'admin-port']) {
      const option = optionsOf(part).find(({ long }) => long === `--${port}`);
      expect(argument(container, port)).toBe(String(option?.defaultValue));
    }
  });

  test('is asked for its health on the admin port', () => {
    const { startupProbe, livenessProbe, readinessProbe } = containerOf(part);
    expect(startupProbe.httpGet).toEqual({ path: '/healthz', port: 'admin' });
    expect(livenessProbe.httpGet).toEqual({ path: '/healthz', port: 'admin' });
    expect(readinessProbe.httpGet).toEqual({ path: '/readyz', port: 'admin' });
  });

  test('has one Service, for its first port only: admin is not public', () => {
    const { template } = deploymentOf(part).spec;
    const { selector, ports } = find(objects, 'Service', ACCOUNTS[part]).spec;
    expect(template.metadata.labels).toMatchObject(selector);
    expect(ports.map(({ targetPort }) => targetPort)).toEqual([containerOf(part).ports[0]?.name]);
    const services = objects.filter(({ kind }) => kind === 'Service');
    expect(services).toHaveLength(PARTS.length);
  });

  test('selects its own pods and no others', () => {
    const { selector } = deploymentOf(part).spec;
    const selects = PARTS.map((other) => {
      const { labels } = deploymentOf(other).spec.template.metadata;
      return Object.entries(selector.matchLabels).every(([key, value]) => labels[key] === value);
    });
    expect(selects).toEqual(PARTS.map((other) => other === part));
  });

  test('runs as its own service account', () => {
    expect(podOf(part).serviceAccountName).toBe(ACCOUNTS[part]);
    expect(find(objects, 'ServiceAccount', ACCOUNTS[part]).metadata.namespace).toBe(
      SYSTEM_NAMESPACE,
    );
  });
});

test('there is never a second operator, and never a gateway less', () => {
  expect(deploymentOf('operator').spec).toMatchObject({
    replicas: 1,
    strategy: { type: 'Recreate' },
  });
  expect(deploymentOf('gateway').spec.strategy).toMatchObject({
    type: 'RollingUpdate',
    rollingUpdate: { maxUnavailable: 0 },
  });
});

test('the autoscaler alone says how many gateways there are', async () => {
  const scaled = await render(
    { gateway: { autoscaling: { enabled: true } } },
    { namespace: SYSTEM_NAMESPACE },
  );
  const { spec } = find(scaled, 'Deployment', ACCOUNTS.gateway);
  expect(spec.replicas).toBeUndefined();
});

test('a gateway is not killed while it drains', async () => {
  const options = { drainGraceSeconds: 20, drainSeconds: 600 };
  const long = await render({ gateway: { options } }, { namespace: SYSTEM_NAMESPACE });
  const { spec } = find(long, 'Deployment', ACCOUNTS.gateway).spec.template;
  expect(spec.terminationGracePeriodSeconds).toBeGreaterThan(20 + 600);
  expect(argument(spec.containers[0], 'drain-seconds')).toBe('600');
});

describe('secrets', () => {
  const keysOf = (part: PartName): readonly string[] =>
    podOf(part).volumes.flatMap(({ secret }) => secret?.items.map(({ key }) => key) ?? []);

  test('the signing key is not with the gateways', () => {
    expect(keysOf('operator')).toEqual(['signing.pem', 'token.key']);
    expect(keysOf('gateway')).toEqual(['token.key', 'public.pem']);
  });

  test('while the token key is changed, both have the second one', async () => {
    const both = await render(
      { keys: { previousTokenKey: true } },
      { namespace: SYSTEM_NAMESPACE },
    );
    for (const part of PARTS) {
      const { spec } = find(both, 'Deployment', ACCOUNTS[part]).spec.template;
      const file = '/etc/osv-faas/keys/previous-token.key';
      expect(argument(spec.containers[0], 'previous-token-key-file')).toBe(file);
      const keys = spec.volumes.flatMap(
        ({ secret }) => secret?.items.map(({ path }) => path) ?? [],
      );
      expect(keys).toContain('previous-token.key');
    }
  });

  test('a gateway shows the operator a token that is good for nothing else', () => {
    const { volumes } = podOf('gateway');
    const sources = volumes.flatMap(({ projected }) => projected?.sources ?? []);
    expect(sources.map(({ serviceAccountToken }) => serviceAccountToken.audience)).toEqual([
      STREAM_AUDIENCE,
    ]);
    expect(argument(containerOf('gateway'), 'operator-token-file')).toBe(
      '/var/run/secrets/osv-faas/operator/token',
    );
  });

  test('the operator listens to that account', () => {
    expect(argument(containerOf('operator'), 'gateway-service-account')).toBe(
      `${SYSTEM_NAMESPACE}:${ACCOUNTS.gateway}`,
    );
  });

  test('keys of the owner are used as they are named', async () => {
    const own = await render(
      { keys: { existingSecret: 'vault' } },
      { namespace: SYSTEM_NAMESPACE },
    );
    const names = PARTS.flatMap((part) =>
      find(own, 'Deployment', ACCOUNTS[part]).spec.template.spec.volumes.flatMap(
        ({ secret }) => secret?.secretName ?? [],
      ),
    );
    expect(names).toEqual(['vault', 'vault']);
  });
});

test('VMs accept operator and gateways, at the port of the agent', () => {
  const { spec, metadata } = find(objects, 'NetworkPolicy', 'osv-faas-vms');
  expect(metadata.namespace).toBe('shop');
  expect(spec.podSelector.matchLabels).toEqual({ [LABELS.managedBy]: MANAGED_BY });
  expect(spec.policyTypes).toEqual(['Ingress']);
  expect(spec.ingress).toHaveLength(1);
  const [rule] = spec.ingress;
  expect(rule?.ports.map(({ port }) => port)).toEqual([AGENT_PORT]);
  const peers = PARTS.map((part) => ({
    namespaceSelector: { matchLabels: { 'kubernetes.io/metadata.name': SYSTEM_NAMESPACE } },
    podSelector: deploymentOf(part).spec.selector,
  }));
  expect(rule?.from).toEqual(peers);
});

test('without adminFrom nobody of the cluster reaches the admin ports', () => {
  for (const part of PARTS) {
    const { ingress } = find(objects, 'NetworkPolicy', ACCOUNTS[part]).spec;
    const open = ingress.flatMap(({ ports }) => ports.map(({ port }) => port));
    expect(open).toEqual([containerOf(part).ports[0]?.name]);
  }
});

test('metrics are scraped where there is a Prometheus operator', async () => {
  const values = { metrics: { podMonitor: { enabled: true, labels: { release: 'prometheus' } } } };
  const args = ['--api-versions', 'monitoring.coreos.com/v1'];
  const monitored = await render(values, { namespace: SYSTEM_NAMESPACE, args });
  expect(find(monitored, 'PodMonitor', 'osv-faas')).toMatchObject({
    metadata: { labels: { release: 'prometheus' } },
    spec: { podMetricsEndpoints: [{ port: 'admin', path: '/metrics', interval: '30s' }] },
  });
});
