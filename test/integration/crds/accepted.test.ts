import { beforeAll, describe, expect, test } from '@jest/globals';
import { FUNCTIONS, OSVPOOLS } from '../../../src/api/types.ts';
import type { KubeObject } from '../../../src/runtime/kube.ts';
import { sharedCluster, type Cluster } from '../../support/cluster.ts';
import { dryRun, FUNCTION, merged, OSVPOOL } from './manifests.ts';

let cluster: Cluster;
let namespace: string;

beforeAll(async () => {
  cluster = sharedCluster();
  namespace = await cluster.newNamespace('accepted');
});

test('the smallest Function gets its defaults', async () => {
  const stored = await dryRun(cluster, namespace, FUNCTION);
  expect(stored['spec']).toEqual({
    ...(FUNCTION['spec'] as object),
    handler: 'index.default',
    signature: 'Auto',
    concurrency: 16,
    timeoutSeconds: 60,
    scaling: {
      min: 0,
      max: 100,
      headroom: { percent: 20 },
      idle: { afterSeconds: 30 },
    },
  });
});

test('the smallest OsvPool gets its defaults', async () => {
  const stored = await dryRun(cluster, namespace, OSVPOOL);
  expect(stored['spec']).toEqual({
    image: {
      boot: 'Kernel',
      kernel: {
        image: 'registry.example/osv:1',
        path: '/boot/loader-stripped.elf',
        pullPolicy: 'IfNotPresent',
      },
      disk: {
        containerDisk: {
          image: 'registry.example/osv-node:1',
          path: '/disk/root.img',
          pullPolicy: 'IfNotPresent',
        },
      },
    },
    runtime: 'Node',
    machine: {
      cpu: { cores: 1, model: 'host-passthrough', request: '100m' },
      memory: '128Mi',
      overcommitGuestOverhead: false,
      serialLog: false,
    },
    warm: { min: 2, refillPerSecond: 10, readyTimeoutSeconds: 120, policy: 'Fixed' },
    maxVms: 100,
    network: { binding: 'Masquerade' },
    allowedNamespaces: { from: 'Same' },
  });
});

test('half of a structure gets the other half by default', async () => {
  const patch = { spec: { scaling: { min: 3 }, async: { backoff: { baseSeconds: 2 } } } };
  const stored = await dryRun(cluster, namespace, merged(FUNCTION, patch));
  expect(stored['spec']).toMatchObject({
    scaling: { min: 3, max: 100 },
    async: { maxAttempts: 3, maxAgeSeconds: 21600, backoff: { baseSeconds: 2, maxSeconds: 300 } },
  });
});

const GOOD: readonly { why: string; base: object; spec: object }[] = [
  {
    why: 'a handler of Java: a class, and a method of it',
    base: FUNCTION,
    spec: { handler: 'com.example.Hello::greet' },
  },
  {
    why: 'everything that a Function can say',
    base: FUNCTION,
    spec: {
      application: 'shop',
      poolRef: { namespace: 'pools' },
      handler: 'src/api.handler',
      signature: 'Lambda',
      env: [
        { name: 'MODE', value: 'test' },
        { name: 'KEY', valueFrom: { secretKeyRef: { name: 's', key: 'k', optional: true } } },
      ],
      envFrom: [{ prefix: 'P_', configMapRef: { name: 'c' } }],
      concurrency: 1,
      timeoutSeconds: 3600,
      http: { hosts: ['*.shop.example', 'shop.example'], path: '/api/', methods: ['GET', 'POST'] },
      scaling: {
        min: 1,
        max: 1,
        metrics: [
          { type: 'Concurrency', target: { averageValue: 8 } },
          { type: 'External', external: { name: 'depth', averageValue: 5 } },
        ],
        behavior: { scaleDown: { policies: [{ type: 'Vms', value: 1, periodSeconds: 60 }] } },
      },
      async: { onFailure: { functionRef: { name: 'mourn' } } },
      triggers: [
        { name: 'nightly', schedule: { cron: '0 3 * * *', timeZone: 'Europe/Berlin' } },
        { name: 'orders', queue: { subject: 'orders.>' } },
      ],
    },
  },
  {
    why: 'scoped packages and dot files below the first folder',
    base: FUNCTION,
    spec: {
      source: {
        inline: {
          files: {
            '@scope/pkg/index.js': '',
            'node_modules/.package-lock.json': '',
            'a..b.js': '',
          },
        },
      },
    },
  },
  {
    why: 'code from a ConfigMap',
    base: FUNCTION,
    spec: { source: { inline: null, configMap: { name: 'code' } } },
  },
  {
    why: 'code from an archive',
    base: FUNCTION,
    spec: {
      source: { inline: null, archive: { url: 'http://a.example/x.tgz', sha256: 'f'.repeat(64) } },
    },
  },
  {
    why: 'a disk from a claim, memory in any unit, all namespaces, prices',
    base: OSVPOOL,
    spec: {
      image: { disk: { containerDisk: null, persistentVolumeClaim: { claimName: 'osv' } } },
      machine: { memory: '1G', cpu: { request: 1 } },
      warm: { min: 0, max: 0 },
      network: { dnsPolicy: 'None', dnsConfig: { nameservers: ['10.0.0.10', 'fd00::a'] } },
      scheduling: {
        nodeSelector: { 'kubernetes.io/arch': 'amd64' },
        tolerations: [
          { key: 'dedicated', operator: 'Exists' },
          { operator: 'Exists', effect: 'NoExecute', tolerationSeconds: 60 },
          { key: 'team.example/faas', value: 'yes', effect: 'NoSchedule' },
        ],
        affinity: {
          nodeAffinity: {
            requiredDuringSchedulingIgnoredDuringExecution: {
              nodeSelectorTerms: [
                {
                  matchExpressions: [
                    { key: 'zone', operator: 'In', values: ['a', 'b'] },
                    { key: 'disks', operator: 'Gt', values: ['2'] },
                    { key: 'ssd', operator: 'Exists' },
                  ],
                  matchFields: [{ key: 'metadata.name', operator: 'NotIn', values: ['node-1'] }],
                },
              ],
            },
          },
          podAntiAffinity: {
            preferredDuringSchedulingIgnoredDuringExecution: [
              {
                weight: 50,
                podAffinityTerm: {
                  labelSelector: { matchLabels: { 'kubevirt.io': 'virt-launcher' } },
                  topologyKey: 'kubernetes.io/hostname',
                },
              },
            ],
          },
        },
        topologySpreadConstraints: [
          { maxSkew: 1, topologyKey: 'zone', whenUnsatisfiable: 'DoNotSchedule' },
          { maxSkew: 1, topologyKey: 'zone', whenUnsatisfiable: 'ScheduleAnyway' },
        ],
      },
      allowedNamespaces: { from: 'All' },
      prices: { currency: 'EUR', cpuSecond: '0.000012', memoryGibSecond: '0' },
    },
  },
  {
    why: 'pools that named namespaces may use',
    base: OSVPOOL,
    spec: { allowedNamespaces: { from: 'Names', names: ['shop', 'bank'] } },
  },
];

test.each(GOOD)('accepted: $why', async ({ base, spec }) => {
  await dryRun(cluster, namespace, merged(base, { spec }));
});

describe('/scale', () => {
  test.each([
    { resource: FUNCTIONS, base: FUNCTION, at: 'scaling', why: 'least VMs of an application' },
    { resource: OSVPOOLS, base: OSVPOOL, at: 'warm', why: 'warm VMs of a pool' },
  ])('$resource.plural: $why', async ({ resource, base, at }) => {
    const name = 'scaled';
    const object = merged(base, { metadata: { name, namespace } }) as KubeObject;
    await cluster.client.create(resource, object);
    const ref = { resource, name, namespace };
    const status = { replicas: 4, selector: 'faas.osv.io/pool=node' };
    await cluster.client.patch(ref, { status }, { type: 'merge', subresource: 'status' });
    const target = `${resource.plural}.faas.osv.io/${name}`;
    const scaled = await cluster.kubectl(['-n', namespace, 'scale', target, '--replicas=7']);
    expect(scaled).toMatchObject({ code: 0, stderr: '' });
    const raw = `/apis/faas.osv.io/v1alpha1/namespaces/${namespace}/${resource.plural}/${name}`;
    const scale = await cluster.client.request({ method: 'GET', path: `${raw}/scale` });
    expect(scale).toMatchObject({ spec: { replicas: 7 }, status });
    expect(await cluster.client.get(ref)).toMatchObject({ spec: { [at]: { min: 7 } } });
  });
});

test('a status cannot be written with the spec, nor the spec with the status', async () => {
  const object = merged(FUNCTION, {
    metadata: { name: 'apart', namespace },
    status: { replicas: 9 },
  }) as KubeObject;
  expect(await cluster.client.create(FUNCTIONS, object)).not.toHaveProperty('status');
  const ref = { resource: FUNCTIONS, name: 'apart', namespace };
  const patch = { spec: { concurrency: 1 }, status: { replicas: 1 } };
  const patched = await cluster.client.patch(ref, patch, { type: 'merge', subresource: 'status' });
  expect(patched).toMatchObject({ spec: { concurrency: 16 }, status: { replicas: 1 } });
});
