/** The built VMI before a real API server. KubeVirt's own rules: test/unit/domain/vmi/webhook.test.ts. */
import { beforeAll, describe, expect, test } from '@jest/globals';
import { collectionPath } from '../../../src/adapters/kube/paths.ts';
import { API_VERSION, LABELS } from '../../../src/api/group.ts';
import type { NewVmi, Vmi } from '../../../src/api/kubevirt.ts';
import { OSVPOOLS, VMIS, type OsvPool, type OsvPoolSpec } from '../../../src/api/types.ts';
import { vmName } from '../../../src/domain/names.ts';
import { buildVmi } from '../../../src/domain/vmi/build.ts';
import { observeVmi } from '../../../src/domain/vmi/observe.ts';
import { poolRevision } from '../../../src/domain/vmi/revision.ts';
import { sharedCluster, type Cluster } from '../../support/cluster.ts';
import { aPool } from '../../unit/support/objects.ts';

let cluster: Cluster;
let namespace: string;

beforeAll(async () => {
  cluster = sharedCluster();
  namespace = await cluster.newNamespace('vmi');
});

const VM_ID = '0123abcd-ef45-4678-89ab-cdef01234567';

function vmiOf(pool: OsvPool): NewVmi {
  const name = vmName(pool.metadata.name, VM_ID);
  const revision = poolRevision(pool.spec);
  return buildVmi(pool, { name, vmId: VM_ID, publicKey: 'a2V5', revision });
}

/** What the API server would store; nothing is stored. */
async function dryRun(resource: typeof VMIS, object: unknown): Promise<unknown> {
  const path = `${collectionPath(resource, namespace)}?dryRun=All&fieldValidation=Strict`;
  return cluster.client.request({ method: 'POST', path, body: object });
}

const { image, machine } = aPool().spec;
const ROWS: readonly { why: string; name: string; spec: Partial<OsvPoolSpec> }[] = [
  { why: 'a small pool', name: 'node', spec: {} },
  {
    why: 'a claim instead of an image, a bridge, a log',
    name: 'claim',
    spec: {
      image: { ...image, disk: { persistentVolumeClaim: { claimName: 'osv' } } },
      network: { binding: 'Bridge' },
      machine: { ...machine, serialLog: true, overcommitGuestOverhead: true },
    },
  },
  {
    why: 'a disk that boots by itself',
    name: 'bios',
    spec: { image: { boot: 'Bios', disk: image.disk } },
  },
  {
    why: 'everything that says where VMs run and whom they ask for names',
    name: 'placed',
    spec: {
      network: {
        binding: 'Masquerade',
        dnsPolicy: 'None',
        dnsConfig: { nameservers: ['10.96.0.10'], options: [{ name: 'ndots', value: '1' }] },
      },
      scheduling: {
        nodeSelector: { disk: 'ssd' },
        tolerations: [{ key: 'faas', operator: 'Exists', effect: 'NoSchedule' }],
        topologySpreadConstraints: [
          { maxSkew: 1, topologyKey: 'zone', whenUnsatisfiable: 'ScheduleAnyway' },
        ],
        priorityClassName: 'faas',
      },
    },
  },
  {
    why: 'the longest name that a pool may have',
    name: `${'p'.repeat(31)}.${'q'.repeat(31)}`,
    spec: {},
  },
];

describe.each(ROWS)('$why', ({ name, spec }) => {
  test('the pool and its VMI are taken as they are', async () => {
    const given = aPool(spec, { name, namespace });
    const { metadata, spec: stored } = (await dryRun(OSVPOOLS, {
      apiVersion: API_VERSION,
      kind: OSVPOOLS.kind,
      metadata: { name, namespace },
      spec: given.spec,
    })) as OsvPool;
    expect(stored).toEqual(given.spec);

    const vmi = vmiOf({ metadata, spec: stored });
    const taken = (await dryRun(VMIS, vmi)) as Vmi;
    expect(taken.spec).toEqual(vmi.spec);
    expect(taken.metadata).toMatchObject(vmi.metadata);
    expect(observeVmi(taken)).toMatchObject({
      vmId: VM_ID,
      pool: `${namespace}/${name}`,
      poolRevision: poolRevision(stored),
      phase: 'pending',
    });
  });
});

test('a VMI that is there keeps its spec and takes the labels of its binding', async () => {
  const vmi = vmiOf(aPool({}, { name: 'fixed', namespace }));
  // The garbage collector would take what an unknown pool owns.
  await cluster.client.create(VMIS, { ...vmi, metadata: { ...vmi.metadata, ownerReferences: [] } });
  const ref = { resource: VMIS, name: vmi.metadata.name, namespace };
  const merge = (patch: object): Promise<unknown> =>
    cluster.client.patch(ref, patch, { type: 'merge' });
  await expect(merge({ spec: { domain: { memory: { guest: '1Gi' } } } })).rejects.toThrow(
    'update of VMI object is restricted',
  );
  const labels = { [LABELS.state]: 'bound' };
  expect(await merge({ metadata: { labels } })).toMatchObject({ metadata: { labels } });
});
