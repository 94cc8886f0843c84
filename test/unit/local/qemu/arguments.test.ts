import { describe, expect, test } from '@jest/globals';
import type { Vmi } from '../../../../src/api/kubevirt.ts';
import { buildVmi } from '../../../../src/domain/vmi/build.ts';
import { qemuArguments, type Place } from '../../../../src/local/drivers/qemu/arguments.ts';
import { diskReference, machineOf } from '../../../../src/local/drivers/qemu/machine.ts';
import { passtArguments } from '../../../../src/local/drivers/qemu/network/passt.ts';
import { aPool } from '../../support/objects.ts';

type Domain = Vmi['spec']['domain'];

const KERNEL_ARGS = '--rootfs=rofs --env=TZ=UTC /node /agent/main.js';

function vmi(changes: Partial<Domain> = {}): Vmi {
  return {
    metadata: { name: 'vm-1', namespace: 'default', uid: 'u' },
    spec: {
      domain: {
        cpu: { cores: 2 },
        memory: { guest: '128Mi' },
        devices: { rng: {} },
        firmware: { kernelBoot: { kernelArgs: KERNEL_ARGS } },
        ...changes,
      },
      volumes: [{ name: 'root', containerDisk: { image: 'registry.example/node:1' } }],
    },
  };
}

const PLACE: Place = {
  accelerator: 'tcg',
  kernel: '/images/kernel.elf',
  disk: '/images/a,b/root.img',
  console: '/state/vm-1.log',
  qmpSocket: '/run/vm-1.qmp',
  netdev: 'user,id=net0',
};

/** The value after a word, or all values where it stands more than once. */
function after(args: readonly string[], word: string): string[] {
  return args.flatMap((one, index) => (one === word ? [args[index + 1] ?? ''] : []));
}

describe('the command line of QEMU', () => {
  const args = qemuArguments(machineOf(vmi()), PLACE);

  test('the kernel gets the words of the VMI unchanged', () => {
    expect(after(args, '-kernel')).toEqual(['/images/kernel.elf']);
    expect(after(args, '-append')).toEqual([KERNEL_ARGS]);
  });

  test('memory and processors are those of the VMI', () => {
    expect(after(args, '-m')).toEqual(['128M']);
    expect(after(args, '-smp')).toEqual(['2']);
  });

  test('the one disk is read-only, also where its path has a comma', () => {
    expect(after(args, '-drive')).toEqual([
      'if=none,id=root,format=raw,readonly=on,file=/images/a,,b/root.img',
    ]);
  });

  test('translation has a bound on its memory', () => {
    expect(after(args, '-accel')).toEqual(['tcg,tb-size=32']);
    expect(after(args, '-cpu')).toEqual(['max']);
  });

  test('the host runs the guest where it can', () => {
    const kvm = qemuArguments(machineOf(vmi()), { ...PLACE, accelerator: 'kvm' });
    expect(after(kvm, '-accel')).toEqual(['kvm']);
    expect(after(kvm, '-cpu')).toEqual(['host']);
  });

  test.each([
    { model: 'host-model', cpu: 'max' },
    { model: 'host-passthrough', cpu: 'max' },
    { model: 'Skylake-Server', cpu: 'Skylake-Server' },
  ])('cpu model $model is $cpu', ({ model, cpu }) => {
    const machine = machineOf(vmi({ cpu: { cores: 1, model } }));
    expect(after(qemuArguments(machine, PLACE), '-cpu')).toEqual([cpu]);
  });

  test('what breaks out of its machine can start nothing', () => {
    expect(after(args, '-sandbox')[0]).toContain('spawn=deny');
  });

  test('without rng in the VMI there is none', () => {
    expect(args).toContain('virtio-rng-pci');
    const without = machineOf(vmi({ devices: {} }));
    expect(qemuArguments(without, PLACE)).not.toContain('virtio-rng-pci');
  });

  test('a MAC address of the VMI is the guest’s', () => {
    const interfaces = [{ name: 'default', macAddress: '02:00:00:00:00:01' }];
    const words = qemuArguments(machineOf(vmi({ devices: { interfaces } })), PLACE);
    expect(after(words, '-device')).toContain(
      'virtio-net-pci,netdev=net0,romfile=,mac=02:00:00:00:00:01',
    );
  });
});

test.each<{ field: string; changes: Partial<Domain> }>([
  { field: 'machine.type', changes: { machine: { type: 'pc-i440fx' } } },
  { field: 'firmware.kernelBoot.kernelArgs', changes: { firmware: {} } },
  { field: 'memory.guest', changes: { memory: { guest: '1000k' } } },
  { field: 'memory.guest', changes: { memory: { guest: '8Mi' } } },
])('refuses a VMI by $field: $changes', ({ field, changes }) => {
  expect(() => machineOf(vmi(changes))).toThrow(`spec.domain.${field} to be`);
});

describe('a disk that boots by itself', () => {
  const { disk } = aPool().spec.image;
  const vm = { name: 'vm-1', vmId: 'id-1', publicKey: 'a2V5', revision: 'r1' };
  const bios = buildVmi(aPool({ image: { boot: 'Bios', disk } }), vm) as unknown as Vmi;
  const machine = machineOf(bios);

  test('says who the guest is on a second disk', () => {
    expect(machine.start).toEqual({
      kind: 'disk',
      identity:
        '#osv-faas-identity\nOSV_FAAS_VM_ID=id-1\nOSV_FAAS_PUBLIC_KEY=a2V5\nOSV_FAAS_PORT=8080\n',
    });
  });

  test('has no kernel beside it', () => {
    const place = { ...PLACE, disk: '/boot.img', identityDisk: '/state/identity' };
    const args = qemuArguments(machine, place);
    expect(args).not.toContain('-kernel');
    expect(args).not.toContain('-append');
    expect(after(args, '-drive').map((drive) => drive.replace(/.*file=/, ''))).toEqual([
      '/boot.img',
      '/state/identity',
    ]);
  });
});

test('sockets and threads count too', () => {
  expect(machineOf(vmi({ cpu: { sockets: 2, cores: 2, threads: 2 } })).cores).toBe(8);
});

test('the image of the root disk is what --image names', () => {
  expect(diskReference(vmi())).toBe('registry.example/node:1');
});

test('passt forwards the port of the agent at the address of the guest, and nothing of the host', () => {
  const words = passtArguments('/run/s', '127.64.0.2');
  expect(after(words, '--tcp-ports')).toEqual(['127.64.0.2/8080']);
  expect(words).toContain('--no-map-gw');
});
