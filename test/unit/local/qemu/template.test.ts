import { describe, expect, test } from '@jest/globals';
import { templateOf } from '../../../../src/local/drivers/qemu/snapshot/template.ts';
import type { Machine } from '../../../../src/local/drivers/qemu/machine.ts';

const IMAGE = { kernel: '/k.elf', disk: '/d.img' };

function machine(kernelArgs: string, changes: Partial<Machine> = {}): Machine {
  return {
    name: 'vm-1',
    type: 'q35',
    memoryMib: 128,
    cores: 1,
    cpuModel: undefined,
    start: { kind: 'kernel', kernelArgs },
    randomness: true,
    macAddress: undefined,
    ...changes,
  };
}

const args = (id: string, command = '/node /agent/main.js'): string =>
  `--rootfs=rofs --env=TZ=UTC --env=OSV_FAAS_VM_ID=${id} --env=OSV_FAAS_PUBLIC_KEY=key-${id} --env=OSV_FAAS_PORT=8080 ${command}`;

describe('the template of a guest', () => {
  test('has its command line but for who it is', () => {
    const template = templateOf(machine(args('one')), IMAGE);
    expect(template?.machine.start).toEqual({
      kind: 'kernel',
      kernelArgs:
        '--rootfs=rofs --env=TZ=UTC --env=OSV_FAAS_VM_ID=template --env=OSV_FAAS_PORT=8080 /node /agent/main.js',
    });
    expect(template?.name).toEqual({ vmId: 'one', publicKey: 'key-one' });
  });

  test('is the same for guests that differ by who they are alone', () => {
    const [one, two] = ['one', 'two'].map((id) =>
      templateOf(machine(args(id), { name: `vm-${id}` }), IMAGE),
    );
    expect(one?.key).toBe(two?.key);
  });

  test.each<{ what: string; changes: Partial<Machine>; image?: typeof IMAGE }>([
    { what: 'memory', changes: { memoryMib: 160 } },
    { what: 'cores', changes: { cores: 2 } },
    { what: 'disk', changes: {}, image: { ...IMAGE, disk: '/other.img' } },
  ])('is another for another $what', ({ changes, image = IMAGE }) => {
    const usual = templateOf(machine(args('one')), IMAGE);
    expect(templateOf(machine(args('one'), changes), image)?.key).not.toBe(usual?.key);
  });

  test.each([
    { why: 'no Node', given: machine(args('one', '/agent/native')) },
    { why: 'nobody’s', given: machine('--rootfs=rofs /node /agent/main.js') },
    {
      why: 'a disk that boots by itself',
      given: machine('', { start: { kind: 'disk', identity: 'x' } }),
    },
  ])('is none for $why', ({ given }) => {
    expect(templateOf(given, IMAGE)).toBeUndefined();
  });
});
