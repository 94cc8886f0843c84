import type { Refusal } from './manifests.ts';

const spec = (fields: Record<string, unknown>): { spec: Record<string, unknown> } => ({
  spec: fields,
});
const disk = (fields: Record<string, unknown>): { spec: Record<string, unknown> } =>
  spec({ image: { disk: fields } });

/** OsvPool manifests that must not get in. */
export const POOL_REFUSALS: readonly Refusal[] = [
  {
    why: 'VMs of what?',
    patch: spec({ image: null }),
    says: ['spec.image: Required value'],
  },
  {
    why: 'how many to keep is the point of a pool',
    patch: spec({ warm: null }),
    says: ['spec.warm: Required value'],
  },
  {
    why: 'a reference with spaces is none',
    patch: spec({ image: { kernel: { image: 'osv kernel' } } }),
    says: ['spec.image.kernel.image: Invalid value: "osv kernel"'],
  },
  {
    why: 'a kernel without its image cannot be booted',
    patch: spec({ image: { kernel: null } }),
    says: ['spec.image.kernel is given if, and only if, spec.image.boot is Kernel'],
  },
  {
    why: 'a disk that boots by itself has its own kernel',
    patch: spec({ image: { boot: 'Bios' } }),
    says: ['spec.image.kernel is given if, and only if, spec.image.boot is Kernel'],
  },
  {
    why: 'a disk that boots by itself has its own command line',
    patch: spec({ image: { boot: 'Bios', kernel: null, command: ['/node'] } }),
    says: ['spec.image.command is for spec.image.boot Kernel only'],
  },
  {
    why: 'only the Node agent reads its identity from a disk',
    patch: spec({ runtime: 'Java', image: { boot: 'Bios', kernel: null } }),
    says: ['spec.image.boot Bios is for spec.runtime Node only'],
  },
  {
    why: 'a way to boot that there is not',
    patch: spec({ image: { boot: 'Uefi' } }),
    says: ['spec.image.boot: Unsupported value: "Uefi"'],
  },
  {
    why: 'a path that climbs out of the image',
    patch: spec({ image: { kernel: { path: '/boot/../../etc/shadow' } } }),
    says: ['spec.image.kernel.path must not contain ".."'],
  },
  {
    why: 'a folder is no kernel: KubeVirt would refuse every VM',
    patch: spec({ image: { kernel: { path: '/boot/' } } }),
    says: ['spec.image.kernel.path: Invalid value: "/boot/"'],
  },
  {
    why: 'the disk’s path climbs no more than the kernel’s',
    patch: disk({ containerDisk: { path: '/disk/../root.img' } }),
    says: ['spec.image.disk.containerDisk.path must not contain ".."'],
  },
  {
    why: 'the name is a label of every VM: 64 characters are none',
    patch: { metadata: { name: 'p'.repeat(64) } },
    says: ['metadata.name must be at most 63 characters'],
  },
  {
    why: 'a pull policy that Kubernetes does not have',
    patch: spec({ image: { kernel: { pullPolicy: 'Sometimes' } } }),
    says: ['spec.image.kernel.pullPolicy: Unsupported value: "Sometimes"'],
  },
  {
    why: 'no disk to boot from',
    patch: disk({ containerDisk: null }),
    says: ['spec.image.disk must name exactly one of containerDisk and persistentVolumeClaim'],
  },
  {
    why: 'two disks',
    patch: disk({ persistentVolumeClaim: { claimName: 'osv' } }),
    says: ['spec.image.disk must name exactly one of containerDisk and persistentVolumeClaim'],
  },
  {
    why: 'a digest names its algorithm',
    patch: spec({ image: { digest: 'a'.repeat(64) } }),
    says: ['spec.image.digest: Invalid value'],
  },
  {
    why: "OSv's command line has no quoting",
    patch: spec({ image: { command: ['/node', '--title="a b"'] } }),
    says: ['spec.image.command[1]: Invalid value'],
  },
  {
    why: 'a runtime that no image has',
    patch: spec({ runtime: 'Python' }),
    says: ['spec.runtime: Unsupported value: "Python"', '"Node"'],
  },
  {
    why: 'a VM has a processor',
    patch: spec({ machine: { cpu: { cores: 0 } } }),
    says: ['spec.machine.cpu.cores: Invalid value: 0'],
  },
  {
    why: 'CPU is counted in cores or millicores',
    patch: spec({ machine: { cpu: { request: '100mb' } } }),
    says: ['spec.machine.cpu.request: Invalid value: "100mb"'],
  },
  {
    why: 'no guest boots with that',
    patch: spec({ machine: { memory: '8Mi' } }),
    says: ['spec.machine.memory must be between 16Mi and 64Gi'],
  },
  {
    why: 'bytes without a unit are nearly always meant as MiB',
    patch: spec({ machine: { memory: 128 } }),
    says: ['spec.machine.memory must be between 16Mi and 64Gi'],
  },
  {
    why: 'memory is not a word',
    patch: spec({ machine: { memory: 'much' } }),
    says: ['spec.machine.memory: Invalid value: "much"'],
  },
  {
    why: 'fewer than none',
    patch: spec({ warm: { min: -1 } }),
    says: ['spec.warm.min: Invalid value: -1'],
  },
  {
    why: 'at most less than at least',
    patch: spec({ warm: { min: 10, max: 5 } }),
    says: ['spec.warm.max must be at least spec.warm.min: 5 < 10'],
  },
  {
    why: 'more warm VMs than VMs',
    patch: spec({ warm: { min: 10 }, maxVms: 5 }),
    says: ['spec.warm.min must be at most spec.maxVms: 10 > 5'],
  },
  {
    why: 'a policy of a later version',
    patch: spec({ warm: { policy: 'Forecast' } }),
    says: ['spec.warm.policy: Unsupported value: "Forecast"'],
  },
  {
    why: 'no VM is ready that soon: the pool would replace for ever',
    patch: spec({ warm: { readyTimeoutSeconds: 1 } }),
    says: ['spec.warm.readyTimeoutSeconds: Invalid value: 1'],
  },
  {
    why: 'without name servers nothing is resolved',
    patch: spec({ network: { dnsPolicy: 'None' } }),
    says: ['spec.network.dnsPolicy None needs spec.network.dnsConfig.nameservers'],
  },
  {
    why: 'a binding that KubeVirt has, and we do not',
    patch: spec({ network: { binding: 'Slirp' } }),
    says: ['spec.network.binding: Unsupported value: "Slirp"'],
  },
  {
    why: 'names without saying that names count',
    patch: spec({ allowedNamespaces: { names: ['shop'] } }),
    says: ['spec.allowedNamespaces.names is given if, and only if'],
  },
  {
    why: 'from names, and none given',
    patch: spec({ allowedNamespaces: { from: 'Names' } }),
    says: ['spec.allowedNamespaces.names is given if, and only if'],
  },
  {
    why: 'a price in no currency',
    patch: spec({ prices: { cpuSecond: '1', memoryGibSecond: '1' } }),
    says: ['spec.prices.currency: Required value'],
  },
  {
    why: 'money is decimal text, never a float',
    patch: spec({ prices: { currency: 'EUR', cpuSecond: '1e-5', memoryGibSecond: '1' } }),
    says: ['spec.prices.cpuSecond: Invalid value: "1e-5"'],
  },
];
