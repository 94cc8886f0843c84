import { describe, expect, test } from '@jest/globals';
import type { NewVmi } from '../../../../src/api/kubevirt.ts';
import type { OsvPool, OsvPoolSpec } from '../../../../src/api/types.ts';
import { buildVmi } from '../../../../src/domain/vmi/build.ts';
import { aPool } from '../../support/objects.ts';

const VM = {
  name: 'node-0123abcdef',
  vmId: '0123abcd-ef45-4678-89ab-cdef01234567',
  publicKey: 'a2V5',
  revision: 'r1',
};

const build = (pool: OsvPool = aPool()): NewVmi => buildVmi(pool, VM);
const built = (spec: Partial<OsvPoolSpec>): NewVmi['spec'] => build(aPool(spec)).spec;
const { machine, image } = aPool().spec;

describe('whose it is', () => {
  test('its pool owns it: the garbage collector takes what the operator leaves', () => {
    expect(build().metadata.ownerReferences).toEqual([
      {
        apiVersion: 'faas.osv.io/v1alpha1',
        kind: 'OsvPool',
        name: 'node',
        uid: 'uid-pool',
        controller: true,
        blockOwnerDeletion: true,
      },
    ]);
    expect(build().metadata).toMatchObject({ name: VM.name, namespace: 'pools' });
  });

  test('labels that network policies select stand there from the beginning: the launcher pod gets no others', () => {
    expect(build().metadata.labels).toEqual({
      'app.kubernetes.io/managed-by': 'osv-faas',
      'faas.osv.io/pool': 'node',
      'faas.osv.io/runtime': 'node',
      'faas.osv.io/pool-revision': 'r1',
      'faas.osv.io/vm-id': VM.vmId,
    });
  });

  test('says which disk the pool means, where the pool says so', () => {
    const digest = `sha256:${'0'.repeat(64)}`;
    const { annotations } = build(aPool({ image: { ...image, digest } })).metadata;
    expect(annotations['faas.osv.io/image-digest']).toBe(digest);
    expect(build().metadata.annotations).not.toHaveProperty(['faas.osv.io/image-digest']);
  });

  test('holds no secret: whoever may read VMIs reads a public key', () => {
    const text = JSON.stringify(build());
    expect(text).toContain('OSV_FAAS_PUBLIC_KEY=a2V5');
    expect(text).not.toMatch(/token|secret|private/i);
  });
});

describe('what makes a start quick and a VM small', () => {
  const { spec, metadata } = build();
  const { domain } = spec;
  const rows: { why: string; is: unknown; expected: unknown }[] = [
    {
      why: 'no levels of PCI bridges',
      is: metadata.annotations['kubevirt.io/placePCIDevicesOnRootComplex'],
      expected: 'true',
    },
    {
      why: 'no container that resolves digests',
      is: metadata.annotations['kubevirt.io/image-volume-skip-digest-resolution'],
      expected: 'true',
    },
    {
      why: 'nothing to flush: killed at once',
      is: spec.terminationGracePeriodSeconds,
      expected: 0,
    },
    { why: 'the operator drains it', is: spec.evictionStrategy, expected: 'External' },
    { why: 'Paused adds a boot menu of ten seconds', is: spec.startStrategy, expected: undefined },
    { why: 'no processors set aside to be plugged in', is: domain.cpu?.maxSockets, expected: 1 },
    {
      why: 'graphics cost 32Mi and 60 ms',
      is: domain.devices.autoattachGraphicsDevice,
      expected: false,
    },
    {
      why: 'OSv has no balloon statistics',
      is: domain.devices.autoattachMemBalloon,
      expected: false,
    },
    { why: 'nobody types', is: domain.devices.autoattachInputDevice, expected: false },
    { why: 'fewer root ports', is: domain.devices.disableHotplug, expected: true },
    { why: 'a log container asks for 35M', is: domain.devices.logSerialConsole, expected: false },
    { why: 'OSv has virtio-rng: entropy at once', is: domain.devices.rng, expected: {} },
    {
      why: 'OSv aborts with fewer vectors than queues',
      is: domain.devices.blockMultiQueue,
      expected: undefined,
    },
    {
      why: 'without ACPI a power-off is a reboot: the default, on',
      is: domain.features,
      expected: undefined,
    },
    { why: 'Guaranteed asks for 100Mi more', is: domain.resources?.limits, expected: undefined },
    {
      why: 'kubelet’s probes are too slow, and exec costs 110Mi',
      is: spec.readinessProbe,
      expected: undefined,
    },
  ];
  test.each(rows)('$why', ({ is, expected }) => {
    expect(is).toEqual(expected);
  });
});

describe('the machine that the pool asks for', () => {
  test('processor, memory and what the scheduler sets aside', () => {
    const { domain } = built({
      machine: { ...machine, cpu: { cores: 4, model: 'Skylake', request: 2 }, memory: 268_435_456 },
    });
    expect(domain.cpu).toEqual({
      sockets: 1,
      cores: 4,
      threads: 1,
      maxSockets: 1,
      model: 'Skylake',
    });
    expect(domain.memory).toEqual({ guest: '268435456' });
    expect(domain.resources).toEqual({ requests: { cpu: '2' } });
  });

  test('overcommit says so, and only then', () => {
    const dense = built({ machine: { ...machine, overcommitGuestOverhead: true } });
    expect(dense.domain.resources?.overcommitGuestOverhead).toBe(true);
    expect(build().spec.domain.resources).not.toHaveProperty('overcommitGuestOverhead');
  });

  test('a serial log needs its console', () => {
    const { devices } = built({ machine: { ...machine, serialLog: true } }).domain;
    expect(devices).toMatchObject({ autoattachSerialConsole: true, logSerialConsole: true });
  });

  test('boots the kernel of the pool’s image directly, with a command line of its own', () => {
    const kernel = {
      image: 'registry.example/osv@sha256:1',
      path: '/osv.elf',
      pullPolicy: 'Never',
    } as const;
    const { kernelBoot } = built({ image: { ...image, kernel } }).domain.firmware ?? {};
    expect(kernelBoot?.container).toEqual({
      image: 'registry.example/osv@sha256:1',
      kernelPath: '/osv.elf',
      imagePullPolicy: 'Never',
    });
    expect(kernelBoot?.kernelArgs).toContain(`OSV_FAAS_VM_ID=${VM.vmId}`);
  });

  test('a container disk', () => {
    expect(build().spec.volumes).toEqual([
      {
        name: 'root',
        containerDisk: {
          image: 'registry.example/osv-node:1',
          path: '/disk/root.img',
          imagePullPolicy: 'IfNotPresent',
        },
      },
    ]);
  });

  test('a claim is mounted read-only: many VMs share it', () => {
    const disk = { persistentVolumeClaim: { claimName: 'osv-node' } };
    expect(built({ image: { ...image, disk } }).volumes).toEqual([
      { name: 'root', persistentVolumeClaim: { claimName: 'osv-node', readOnly: true } },
    ]);
  });
});

describe('a disk that boots by itself', () => {
  const bios = aPool({ image: { boot: 'Bios', disk: image.disk } });
  const { domain, volumes = [] } = build(bios).spec;

  test('has no kernel beside it, and comes before the disk of the identity', () => {
    expect(domain).not.toHaveProperty('firmware');
    expect(domain.devices.disks).toEqual([
      { name: 'root', bootOrder: 1, disk: { bus: 'virtio', readonly: true } },
      { name: 'identity', disk: { bus: 'virtio', readonly: true } },
    ]);
    expect(volumes.map(({ name }) => name)).toEqual(['root', 'identity']);
  });

  test('the second disk tells the guest who it is, as the command line would', () => {
    expect(volumes[1]?.cloudInitNoCloud?.userData).toBe(
      `#osv-faas-identity\nOSV_FAAS_VM_ID=${VM.vmId}\nOSV_FAAS_PUBLIC_KEY=a2V5\nOSV_FAAS_PORT=8080\n`,
    );
  });
});

describe('network and scheduling', () => {
  test('masquerade forwards the agent’s port and no other', () => {
    const [nic] = build().spec.domain.devices.interfaces ?? [];
    expect(nic).toEqual({
      name: 'default',
      model: 'virtio',
      masquerade: {},
      ports: [{ port: 8080 }],
    });
  });

  test('a bridge is the pod’s address itself', () => {
    const [nic] = built({ network: { binding: 'Bridge' } }).domain.devices.interfaces ?? [];
    expect(nic).toEqual({ name: 'default', model: 'virtio', bridge: {} });
  });

  test('DNS as the pool says, and nothing where it says nothing', () => {
    const dnsConfig = { nameservers: ['10.0.0.10'] };
    const spec = built({ network: { binding: 'Masquerade', dnsPolicy: 'None', dnsConfig } });
    expect(spec).toMatchObject({ dnsPolicy: 'None', dnsConfig });
    expect(build().spec).not.toHaveProperty('dnsPolicy');
    expect(build().spec).not.toHaveProperty('dnsConfig');
  });

  test('everything of scheduling goes into the VMI', () => {
    const scheduling: OsvPoolSpec['scheduling'] = {
      nodeSelector: { disk: 'ssd' },
      tolerations: [{ key: 'faas', operator: 'Exists' }],
      affinity: { podAntiAffinity: {} },
      topologySpreadConstraints: [
        { maxSkew: 1, topologyKey: 'zone', whenUnsatisfiable: 'ScheduleAnyway' },
      ],
      priorityClassName: 'faas',
      schedulerName: 'other',
    };
    expect(built({ scheduling })).toMatchObject(scheduling);
  });
});
