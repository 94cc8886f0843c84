/** Wrong values are refused before anything is sent, with a message that names field and rule. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { beforeAll, describe, expect, test } from '@jest/globals';
import { Command, type Option } from 'commander';
import { register as gateway } from '../../../src/cli/gateway.ts';
import { register as operator } from '../../../src/cli/operator.ts';
import { acquireHelm, chart, HELM_TIMEOUT_MS, template } from '../../support/helm.ts';

beforeAll(async () => {
  await acquireHelm();
}, HELM_TIMEOUT_MS);

interface Refusal {
  readonly why: string;
  readonly values: Readonly<Record<string, unknown>>;
  readonly says: readonly string[];
}

const REFUSALS: readonly Refusal[] = [
  {
    why: 'two operators without leader election would both start VMs',
    values: { operator: { replicas: 2 } },
    says: ["'/operator/replicas'", 'maximum: got 2, want 1'],
  },
  {
    why: 'a misspelt name would be ignored, and the default stay',
    values: { gatway: { replicas: 3 } },
    says: ["additional properties 'gatway' not allowed"],
  },
  {
    why: 'an option that the gateway does not have would keep it from starting',
    values: { gateway: { options: { queueLength: 3 } } },
    says: ["'/gateway/options'", "'queueLength' not allowed"],
  },
  {
    why: 'options that the chart sets cannot be set twice',
    values: { gateway: { options: { port: 9000 } } },
    says: ["'/gateway/options'", "'port' not allowed"],
  },
  {
    why: 'out of the range that the gateway takes',
    values: { gateway: { options: { maxAttempts: 0 } } },
    says: ["'/gateway/options/maxAttempts'", 'minimum: got 0, want 1'],
  },
  {
    why: 'a number with a unit is no number',
    values: { gateway: { options: { drainSeconds: '30s' } } },
    says: ["'/gateway/options/drainSeconds'", 'want integer'],
  },
  {
    why: 'removing the drain options would make the grace period wrong',
    values: { gateway: { options: { drainSeconds: null } } },
    says: ["'/gateway/options'", "missing property 'drainSeconds'"],
  },
  {
    why: 'the operator logs in two formats',
    values: { operator: { options: { logFormat: 'xml' } } },
    says: ["'/operator/options/logFormat'", "one of 'json', 'pretty'"],
  },
  {
    why: 'the least may not be above the most',
    values: { gateway: { autoscaling: { enabled: true, minReplicas: 5, maxReplicas: 4 } } },
    says: ['gateway.autoscaling.minReplicas', 'at most gateway.autoscaling.maxReplicas: 5 > 4'],
  },
  {
    why: 'no node could ever be drained',
    values: { gateway: { podDisruptionBudget: { maxUnavailable: 0 } } },
    says: ["'/gateway/podDisruptionBudget/maxUnavailable'", 'minimum: got 0, want 1'],
  },
  {
    why: 'a type of Service that leads nowhere',
    values: { gateway: { service: { type: 'ExternalName' } } },
    says: ["'/gateway/service/type'", "one of 'ClusterIP', 'NodePort', 'LoadBalancer'"],
  },
  {
    why: 'a label of ours changed would leave Services and policies without pods',
    values: { gateway: { podLabels: { 'app.kubernetes.io/component': 'edge' } } },
    says: ['gateway.podLabels must not set app.kubernetes.io/component'],
  },
  {
    why: 'a digest is a SHA-256 of 64 digits',
    values: { image: { digest: 'sha256:123' } },
    says: ["'/image/digest'", "'sha256:123' does not match pattern"],
  },
  {
    why: 'a digest belongs into its own field',
    values: { image: { repository: `osv-faas@sha256:${'0'.repeat(64)}` } },
    says: ["'/image/repository'", 'does not match pattern'],
  },
  {
    why: 'an image has a name',
    values: { image: { repository: '' } },
    says: ["'/image/repository'", 'minLength: got 0, want 1'],
  },
  {
    why: 'a pool without an image boots nothing',
    values: { pool: { create: true } },
    says: ["'/pool/spec'", "missing property 'image'"],
  },
  {
    why: 'a kernel without a disk neither',
    values: { pool: { create: true, spec: { image: { kernel: { image: 'kernel' } } } } },
    says: ["'/pool/spec/image'", "missing property 'disk'"],
  },
  {
    why: 'a namespace has a name of small letters',
    values: { networkPolicy: { vmNamespaces: ['Shop'] } },
    says: ["'/networkPolicy/vmNamespaces/0'", "'Shop' does not match pattern"],
  },
  {
    why: 'without the Prometheus operator the API server would refuse half an installation',
    values: { metrics: { podMonitor: { enabled: true } } },
    says: ['metrics.podMonitor.enabled', 'no monitoring.coreos.com/v1'],
  },
];

test.each(REFUSALS)('$why', async ({ values, says }) => {
  const { code, stdout, stderr } = await template(values, { namespace: 'refused' });
  expect({ code, stdout }).toEqual({ code: 1, stdout: '' });
  for (const text of says) expect(stderr).toContain(text);
});

interface Range {
  readonly minimum?: number;
  readonly maximum?: number;
  readonly enum?: readonly string[];
}

interface Part {
  readonly properties: {
    readonly options: { readonly properties: Readonly<Record<string, Range>> };
  };
}

const schema = JSON.parse(readFileSync(join(chart, 'values.schema.json'), 'utf8')) as {
  readonly properties: Readonly<Record<string, Part>>;
};

describe.each([
  {
    part: 'operator',
    register: operator,
    chartSets:
      'kubeconfig host port adminHost adminPort signingKeyFile tokenKeyFile previousTokenKeyFile gatewayServiceAccount ownHosts hostNamespaces',
  },
  {
    part: 'gateway',
    register: gateway,
    chartSets:
      'kubeconfig host port adminHost adminPort name operatorUrl operatorTokenFile tokenKeyFile previousTokenKeyFile publicKeyFile ownHosts hostNamespaces',
  },
])('options of the $part', ({ part, register, chartSets }) => {
  const program = new Command();
  register(program);
  const options = program.commands[0]?.options ?? [];
  const known = schema.properties[part]?.properties.options.properties ?? {};

  test('are all known to the chart, or set by it', () => {
    const names = options.map((option) => option.attributeName());
    expect([...Object.keys(known), ...chartSets.split(' ')].sort()).toEqual(names.sort());
  });

  const rows = Object.entries(known).map(([name, range]) => ({ name, range }));
  test.each(rows)('$name has the range of the command', ({ name, range }) => {
    const option = options.find((one) => one.attributeName() === name);
    expect(range.enum).toEqual(option?.argChoices);
    const { minimum, maximum } = range;
    if (option === undefined || minimum === undefined || maximum === undefined) return;
    for (const good of [minimum, maximum]) expect(parsed(option, good)).toBe(good);
    for (const bad of [minimum - 1, maximum + 1]) {
      const parse = (): unknown => parsed(option, bad);
      expect(parse).toThrow('must be an integer');
    }
  });
});

function parsed(option: Option, value: number): unknown {
  const parse = option.parseArg as ((text: string, previous: unknown) => unknown) | undefined;
  return parse?.(String(value), undefined);
}
