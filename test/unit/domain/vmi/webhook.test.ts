/**
 * What KubeVirt's create webhook refuses (v1.9, pkg/virt-api/webhooks/validating-webhook/
 * admitters/vmi-create-admitter.go, pkg/storage/admitters/disks.go, pkg/network/admitter),
 * one row a rule, asked of VMIs of every kind that a pool can describe.
 */
import { describe, expect, test } from '@jest/globals';
import type { V1Disk, V1Interface } from '@kubevirt-ui-ext/kubevirt-api/kubevirt';
import type { NewVmi } from '../../../../src/api/kubevirt.ts';
import { vmName } from '../../../../src/domain/names.ts';
import { buildVmi } from '../../../../src/domain/vmi/build.ts';
import { aPool } from '../../support/objects.ts';

type Spec = NewVmi['spec'];

const LABEL = /^[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?$/;
const { image, machine } = aPool().spec;
const POOLS = {
  'a small pool': aPool(),
  'a claim, a bridge, a log': aPool({
    image: { ...image, disk: { persistentVolumeClaim: { claimName: 'osv' } } },
    network: { binding: 'Bridge' },
    machine: { ...machine, serialLog: true },
  }),
  'a disk that boots by itself': aPool({ image: { boot: 'Bios', disk: image.disk } }),
  'Java, own DNS, dense': aPool({
    runtime: 'Java',
    network: {
      binding: 'Masquerade',
      dnsPolicy: 'None',
      dnsConfig: { nameservers: ['10.0.0.10'] },
    },
    machine: { ...machine, memory: '64Gi', overcommitGuestOverhead: true },
  }),
};

const disksOf = ({ domain }: Spec): readonly V1Disk[] => domain.devices.disks ?? [];
const nicsOf = ({ domain }: Spec): readonly V1Interface[] => domain.devices.interfaces ?? [];
const unique = (values: readonly unknown[]): boolean => new Set(values).size === values.length;
const PLAIN_VOLUMES = ['containerDisk', 'persistentVolumeClaim', 'cloudInitNoCloud'];
const argsOf = ({ domain }: Spec) => domain.firmware?.kernelBoot?.kernelArgs;
const containerOf = ({ domain }: Spec) => domain.firmware?.kernelBoot?.container;
const sourcesOf = (volume: object): string[] => Object.keys(volume).filter((key) => key !== 'name');
const bindingsOf = (nic: V1Interface): unknown[] =>
  [nic.bridge, nic.masquerade, nic.passtBinding, nic.sriov, nic.binding].filter((one) => one);
const isPlainPath = (path = ''): boolean =>
  path.startsWith('/') &&
  path !== '/' &&
  !path
    .split('/')
    .slice(1)
    .some((part) => ['', '.', '..'].includes(part));

const RULES: readonly { rule: string; holds: (spec: Spec) => boolean }[] = [
  {
    rule: 'kernel arguments need an external kernel',
    holds: (spec) => argsOf(spec) === undefined || containerOf(spec) !== undefined,
  },
  {
    rule: 'a kernel container names its image',
    holds: (spec) => containerOf(spec)?.image !== '',
  },
  {
    rule: 'a kernel path is absolute and plain',
    holds: (spec) => !containerOf(spec) || isPlainPath(containerOf(spec)?.kernelPath),
  },
  {
    rule: 'a container disk’s path is absolute and plain',
    holds: ({ volumes = [] }) =>
      volumes.every(({ containerDisk }) => !containerDisk || isPlainPath(containerDisk.path)),
  },
  {
    rule: 'SATA disks, the default on amd64, are not read-only: the bus is said, and virtio',
    holds: (spec) =>
      disksOf(spec).every(({ disk }) => disk?.bus === 'virtio' && disk.readonly === true),
  },
  {
    rule: 'no virtio CD-ROM, LUN or other kind of disk',
    holds: (spec) => disksOf(spec).every(({ cdrom, lun }) => !cdrom && !lun),
  },
  {
    rule: 'cache is none, writethrough or writeback; io native or threads',
    holds: (spec) =>
      disksOf(spec).every(({ cache, io }) => cache === undefined && io === undefined),
  },
  {
    rule: 'a disk is not shareable: a wrong cache would fail in the launcher only',
    holds: (spec) => disksOf(spec).every(({ shareable }) => shareable !== true),
  },
  {
    rule: 'boot orders are positive and differ',
    holds: (spec) => {
      const orders = disksOf(spec).flatMap(({ bootOrder }) => bootOrder ?? []);
      return unique(orders) && orders.every((order) => order >= 1);
    },
  },
  {
    rule: 'every disk has its volume, every volume its disk',
    holds: (spec) => {
      const disks = disksOf(spec).map(({ name }) => name);
      const volumes = (spec.volumes ?? []).map(({ name }) => name);
      return disks.length > 0 && disks.toSorted().join() === volumes.toSorted().join();
    },
  },
  { rule: 'names of disks differ', holds: (spec) => unique(disksOf(spec).map(({ name }) => name)) },
  {
    rule: 'names of volumes, networks and interfaces are DNS labels',
    holds: (spec) =>
      [...(spec.volumes ?? []), ...(spec.networks ?? []), ...nicsOf(spec)].every(({ name }) =>
        LABEL.test(name),
      ),
  },
  {
    rule: 'a volume has one source',
    holds: ({ volumes = [] }) => volumes.every((volume) => sourcesOf(volume).length === 1),
  },
  { rule: 'memory is given', holds: ({ domain }) => (domain.memory?.guest ?? '') !== '' },
  {
    rule: 'the machine is a q35',
    holds: ({ domain }) => /^(pc-)?q35/.test(domain.machine?.type ?? ''),
  },
  {
    rule: 'not EFI and BIOS together, no secure boot: neither is said',
    holds: ({ domain }) => domain.firmware?.bootloader === undefined,
  },
  {
    rule: 'no more sockets than may be plugged in',
    holds: ({ domain: { cpu } }) => (cpu?.sockets ?? 0) <= (cpu?.maxSockets ?? 0),
  },
  {
    rule: 'every interface has its network, every network its interface',
    holds: (spec) =>
      nicsOf(spec)
        .map(({ name }) => name)
        .join() === (spec.networks ?? []).map(({ name }) => name).join(),
  },
  {
    rule: 'masquerade and bridge are on the pod network',
    holds: ({ networks = [] }) => networks.length === 1 && networks[0]?.pod !== undefined,
  },
  {
    rule: 'an interface has one binding',
    holds: (spec) => nicsOf(spec).every((nic) => bindingsOf(nic).length === 1),
  },
  {
    rule: 'the model of an interface is known',
    holds: (spec) => nicsOf(spec).every(({ model }) => model === 'virtio'),
  },
  {
    rule: 'ports of an interface are from 1 to 65535 and differ',
    holds: (spec) =>
      nicsOf(spec).every(({ ports = [] }) => {
        const numbers = ports.map(({ port }) => port);
        return unique(numbers) && numbers.every((port) => port >= 1 && port <= 65_535);
      }),
  },
  {
    rule: 'probes have one handler, and none with Paused: there are none',
    holds: ({ readinessProbe, livenessProbe }) =>
      readinessProbe === undefined && livenessProbe === undefined,
  },
  {
    rule: 'user data of at most 2048 bytes inline',
    holds: ({ volumes = [] }) =>
      volumes.every(({ cloudInitNoCloud }) => (cloudInitNoCloud?.userData ?? '').length <= 2048),
  },
  {
    rule: 'no volume that stands behind a gate',
    holds: ({ volumes = [] }) =>
      volumes.every((volume) => PLAIN_VOLUMES.includes(sourcesOf(volume)[0] ?? '')),
  },
  {
    rule: 'no filesystems: virtiofs stands behind a gate',
    holds: ({ domain }) => domain.devices.filesystems === undefined,
  },
  {
    rule: 'the architecture is known; where KubeVirt has no default a VMI without is refused',
    holds: ({ architecture }) => architecture === 'amd64',
  },
  {
    rule: 'dnsPolicy None names a name server',
    holds: ({ dnsPolicy, dnsConfig }) =>
      dnsPolicy !== 'None' || (dnsConfig?.nameservers ?? []).length > 0,
  },
  {
    rule: 'a log of the serial console needs the console',
    holds: ({ domain: { devices } }) =>
      devices.logSerialConsole !== true || devices.autoattachSerialConsole === true,
  },
  {
    rule: 'grace is not negative',
    holds: (spec) => (spec.terminationGracePeriodSeconds ?? -1) >= 0,
  },
];

describe.each(Object.entries(POOLS))('%s', (_, pool) => {
  const vmId = '0123abcd-ef45-4678-89ab-cdef01234567';
  const name = vmName(pool.metadata.name, vmId);
  const { spec, metadata } = buildVmi(pool, { name, vmId, publicKey: 'a2V5', revision: 'r1' });

  test.each(RULES)('$rule', ({ holds }) => {
    expect(holds(spec)).toBe(true);
  });

  test('the API server’s own: labels are short, names fit a host name', () => {
    expect(metadata.name).toMatch(LABEL);
    for (const value of Object.values(metadata.labels)) {
      expect(value).toMatch(/^[A-Za-z0-9]([A-Za-z0-9._-]{0,61}[A-Za-z0-9])?$/);
    }
  });

  test('the guarded labels of KubeVirt are left alone', () => {
    expect(
      Object.keys(metadata.labels).filter((label) => label.startsWith('kubevirt.io/')),
    ).toEqual([]);
  });
});
