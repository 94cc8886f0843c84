import type { OsvPoolSpec } from '../../api/types.ts';
import { bytesOf } from '../quantity.ts';
import { identityEnv, type GuestIdentity } from './identity.ts';
import { poolThreads } from './threads.ts';

const MIB = 1024 ** 2;
/** What Node and the agent need beside the JavaScript heap (docs/agent.md). */
const BESIDE_HEAP_MIB = 85;
/** Of what is left: V8 compacts a full heap by copying, and a guest that has no room for that stands still. */
const HEAP_SHARE = 3 / 4;
/** Node's own number, where there are processors for them: each thread of V8's costs 1 MiB. */
const MOST_V8_THREADS = 4;
/** What the JVM needs beside its heap: its code, the archive of classes, compiled code, stacks (docs/java.md). */
const BESIDE_JAVA_HEAP_MIB = 80;
const SMALLEST_HEAP_MIB = 16;

/**
 * The quick compiler only: a VM lives for minutes, and the other one costs memory and start time.
 * Small stacks, since OSv gives a thread all of its stack at once. Out of memory ends the VM.
 */
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

/** What of a machine its agent's command depends on; `memory` is a Kubernetes quantity or bytes. */
export interface CommandMachine {
  readonly memory: string | number;
  readonly cpu: { readonly cores: number };
}

/** The command that starts a runtime's agent, in the images of the image tool, in such a VM. */
export function commandOf(
  runtime: OsvPoolSpec['runtime'],
  { memory, cpu }: CommandMachine,
): readonly string[] {
  switch (runtime) {
    case 'Node': {
      // Without it V8 takes its limit from the machine and finds the end of memory too late.
      const limit = `--max-old-space-size=${heapMib(memory, BESIDE_HEAP_MIB, HEAP_SHARE)}`;
      const threads = `--v8-pool-size=${Math.min(cpu.cores, MOST_V8_THREADS)}`;
      return ['/node', threads, limit, '/agent/main.js'];
    }
    case 'Java': {
      const limit = `-Xmx${heapMib(memory, BESIDE_JAVA_HEAP_MIB, 1)}m`;
      // Relative, as in the archive of classes; OSv's working directory is /.
      return ['/jre/bin/java', limit, ...JAVA_FLAGS, '-jar', 'agent/agent.jar'];
    }
    case 'Native':
      return ['/agent/native'];
  }
}

function heapMib(memory: string | number, beside: number, share: number): number {
  const left = bytesOf(memory) / MIB - beside;
  return Math.max(SMALLEST_HEAP_MIB, Math.floor(left * share));
}

/** The kernel ends the VM when it aborts; without it the VM would stand still. */
export const OPTIONS = ['--rootfs=rofs', '--console=serial', '--power-off-on-abort'];

/**
 * What a guest's program is told before it starts. Without TZ the first date crashes the guest, this
 * OSv has an io_uring that Node must not use, and nothing may write an environment later: OSv frees
 * the one that Node goes on pointing to, and the next Worker that copies it crashes the kernel.
 * `machine` is undefined where one command line is for machines of every size.
 */
export function envOf(machine?: CommandMachine): Readonly<Record<string, string>> {
  const threads = poolThreads(machine === undefined ? 0 : bytesOf(machine.memory));
  return { TZ: 'UTC', UV_USE_IO_URING: '0', UV_THREADPOOL_SIZE: String(threads) };
}

/**
 * OSv's command line: loader options first, then the program and its words.
 * OSv separates by spaces and knows no quotes in options: a space inside a
 * value is escaped (core/commands.cc).
 */
export function kernelArgs(spec: OsvPoolSpec, identity: GuestIdentity): string {
  const env = { ...envOf(spec.machine), ...identityEnv(identity) };
  const options = Object.entries(env).map(
    ([name, value]) => `--env=${name}=${value.replaceAll(' ', '\\ ')}`,
  );
  const command = spec.image.command ?? commandOf(spec.runtime, spec.machine);
  return [...OPTIONS, ...options, ...command].join(' ');
}
