import { describe, expect, test } from '@jest/globals';
import type { OsvPoolSpec } from '../../../../src/api/types.ts';
import { kernelArgs } from '../../../../src/domain/vmi/kernel-args.ts';
import { aPool } from '../../support/objects.ts';

const IDENTITY = { vmId: '0123abcd-ef45-4678-89ab-cdef01234567', publicKey: 'c3-QtX_x' };

const JAVA_FLAGS = [
  '-Xss256k',
  '-XX:+UseSerialGC',
  '-XX:TieredStopAtLevel=1',
  '-XX:ReservedCodeCacheSize=16m',
  '-XX:CompressedClassSpaceSize=16m',
  '-XX:-UsePerfData',
  '-XX:+ExitOnOutOfMemoryError',
  '-XX:SharedArchiveFile=agent/agent.jsa',
];

/** Loader options, then the program and its words: as OSv reads a command line (core/commands.cc). */
function parsed(
  spec: Partial<OsvPoolSpec>,
  identity = IDENTITY,
): [options: string[], command: string[]] {
  const words = kernelArgs(aPool(spec).spec, identity)
    .split(/(?<!\\) /)
    .map((word) => word.replaceAll('\\ ', ' '));
  const program = words.findIndex((word) => !word.startsWith('-'));
  return [words.slice(0, program), words.slice(program)];
}

test('the loader gets a read-only root, the serial console and what the agent must know', () => {
  const [options] = parsed({});
  expect(options).toEqual([
    '--rootfs=rofs',
    '--console=serial',
    '--power-off-on-abort',
    '--env=TZ=UTC',
    '--env=UV_USE_IO_URING=0',
    '--env=UV_THREADPOOL_SIZE=1',
    `--env=OSV_FAAS_VM_ID=${IDENTITY.vmId}`,
    '--env=OSV_FAAS_PUBLIC_KEY=c3-QtX_x',
    '--env=OSV_FAAS_PORT=8080',
  ]);
});

test('a space in a value does not end the option: OSv knows no quotes there', () => {
  const [options, command] = parsed({}, { ...IDENTITY, publicKey: 'a b  c' });
  expect(options).toContain('--env=OSV_FAAS_PUBLIC_KEY=a b  c');
  expect(command[0]).toBe('/node');
});

test('a command of the image replaces that of the runtime', () => {
  const { image } = aPool().spec;
  const [, command] = parsed({ image: { ...image, command: ['/my/agent', '--fast'] } });
  expect(command).toEqual(['/my/agent', '--fast']);
});

describe('the command of a runtime', () => {
  const { machine } = aPool().spec;
  const rows: { why: string; spec: Partial<OsvPoolSpec>; command: string[] }[] = [
    {
      why: 'Node is told its heap: three quarters of 128 MiB without the 85 beside it',
      spec: {},
      command: ['/node', '--v8-pool-size=1', '--max-old-space-size=32', '/agent/main.js'],
    },
    {
      why: 'parts of a MiB are rounded down',
      spec: { machine: { ...machine, memory: 200_000_000 } },
      command: ['/node', '--v8-pool-size=1', '--max-old-space-size=79', '/agent/main.js'],
    },
    {
      why: 'a tiny guest still gets a heap that Node starts with',
      spec: { machine: { ...machine, memory: '64Mi' } },
      command: ['/node', '--v8-pool-size=1', '--max-old-space-size=16', '/agent/main.js'],
    },
    {
      why: 'V8 has a thread for each processor, four at most',
      spec: { machine: { ...machine, cpu: { ...machine.cpu, cores: 8 } } },
      command: ['/node', '--v8-pool-size=4', '--max-old-space-size=32', '/agent/main.js'],
    },
    {
      why: 'Java is told its heap too: 160 MiB without 80',
      spec: { runtime: 'Java', machine: { ...machine, memory: '160Mi' } },
      command: ['/jre/bin/java', '-Xmx80m', ...JAVA_FLAGS, '-jar', 'agent/agent.jar'],
    },
    { why: 'native code', spec: { runtime: 'Native' }, command: ['/agent/native'] },
  ];
  test.each(rows)('$command: $why', ({ spec, command }) => {
    expect(parsed(spec)[1]).toEqual(command);
  });
});
