import { describe, expect, test } from '@jest/globals';
import type { OsvPoolSpec } from '../../../src/api/types.ts';
import type { Vmi } from '../../../src/api/kubevirt.ts';
import { buildVmi } from '../../../src/domain/vmi/build.ts';
import { qemuArguments, type Place } from '../../../src/local/drivers/qemu/arguments.ts';
import { machineOf } from '../../../src/local/drivers/qemu/machine.ts';
import { aPool } from '../support/objects.ts';

const PLACE: Place = {
  accelerator: 'tcg',
  kernel: '/images/kernel.elf',
  disk: '/images/a,b/root.img',
  console: '/state/vm.log',
  qmpSocket: '/state/vm.qmp',
  netdev: 'user,id=net0',
};
const { image, machine } = aPool().spec;

function vmiOf(spec: Partial<OsvPoolSpec> = {}): Vmi {
  const vm = { name: 'node-1', vmId: 'id-1', publicKey: 'a2V5', revision: 'r1' };
  return buildVmi(aPool(spec), vm) as unknown as Vmi;
}

function argumentsOf(spec: Partial<OsvPoolSpec>, place: Partial<Place> = {}): string[] {
  return qemuArguments(machineOf(vmiOf(spec)), { ...PLACE, ...place });
}

/** The words that follow an option, once for each time that it is given. */
function valuesOf(args: readonly string[], option: string): string[] {
  return args.flatMap((word, index) => (word === option ? [args[index + 1] ?? ''] : []));
}

describe('the machine is what the VMI says', () => {
  const rows: { why: string; option: string; spec: Partial<OsvPoolSpec>; value: string }[] = [
    { why: 'memory', option: '-m', spec: {}, value: '128M' },
    {
      why: 'cores',
      option: '-smp',
      spec: { machine: { ...machine, cpu: { ...machine.cpu, cores: 2 } } },
      value: '2',
    },
    { why: 'like the host, as far as TCG can', option: '-cpu', spec: {}, value: 'max' },
    {
      why: 'a model by name',
      option: '-cpu',
      spec: { machine: { ...machine, cpu: { ...machine.cpu, model: 'Skylake-Server' } } },
      value: 'Skylake-Server',
    },
    { why: 'its kernel', option: '-kernel', spec: {}, value: '/images/kernel.elf' },
  ];
  test.each(rows)('$option: $why', ({ option, spec, value }) => {
    expect(valuesOf(argumentsOf(spec), option)).toEqual([value]);
  });

  test('the command line goes to the kernel unchanged', () => {
    const { kernelArgs } = vmiOf().spec.domain.firmware?.kernelBoot ?? {};
    expect(valuesOf(argumentsOf({}), '-append')).toEqual([kernelArgs]);
  });

  test('one disk, read-only, its name escaped: any number of guests may open it', () => {
    expect(valuesOf(argumentsOf({}), '-drive')).toEqual([
      'if=none,id=root,format=raw,readonly=on,file=/images/a,,b/root.img',
    ]);
  });

  test('a virtual machine’s CPU where the host has one to give', () => {
    const args = argumentsOf({}, { accelerator: 'kvm' });
    expect([valuesOf(args, '-accel'), valuesOf(args, '-cpu')]).toEqual([['kvm'], ['host']]);
  });
});

test('a disk that boots by itself has no kernel beside it, but the disk of its identity', () => {
  const bios = { image: { boot: 'Bios', disk: image.disk } } as const;
  expect(machineOf(vmiOf(bios)).start).toEqual({
    kind: 'disk',
    identity:
      '#osv-faas-identity\nOSV_FAAS_VM_ID=id-1\nOSV_FAAS_PUBLIC_KEY=a2V5\nOSV_FAAS_PORT=8080\n',
  });
  const args = argumentsOf(bios, { disk: '/boot.img', identityDisk: '/state/identity' });
  expect(args).not.toContain('-kernel');
  expect(args).not.toContain('-append');
  expect(valuesOf(args, '-drive').map((drive) => drive.replace(/.*file=/, ''))).toEqual([
    '/boot.img',
    '/state/identity',
  ]);
});

describe('what cannot be a machine here is named', () => {
  const vmi = vmiOf();
  const { domain } = vmi.spec;
  const rows: { why: string; change: Partial<typeof domain>; says: string }[] = [
    {
      why: 'another machine type',
      change: { machine: { type: 'pc-i440fx' } },
      says: 'spec.domain.machine.type to be q35, it is pc-i440fx',
    },
    {
      why: 'parts of a MiB',
      change: { memory: { guest: '100000000' } },
      says: 'spec.domain.memory.guest to be whole MiB, 16 or more, it is 100000000',
    },
    {
      why: 'nothing to start',
      change: { firmware: {} },
      says: 'spec.domain.firmware.kernelBoot.kernelArgs to be set, it is nothing',
    },
  ];
  test.each(rows)('$why', ({ change, says }) => {
    const changed = { ...vmi, spec: { ...vmi.spec, domain: { ...domain, ...change } } };
    expect(() => machineOf(changed)).toThrow(says);
  });
});
