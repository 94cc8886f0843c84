import type { OsvPoolSpec } from '../../api/types.ts';
import { bytesOf } from '../quantity.ts';
import { identityEnv, type GuestIdentity } from './identity.ts';

const MIB = 1024 ** 2;
/** What Node and the agent need beside the JavaScript heap (docs/agent.md). */
const BESIDE_HEAP_MIB = 72;
const SMALLEST_HEAP_MIB = 16;

/** Commands that start the agent in the images of the image tool. */
function commandOf({ runtime, machine }: OsvPoolSpec): readonly string[] {
  switch (runtime) {
    case 'Node': {
      // Without it V8 takes its limit from the machine and finds the end of memory too late.
      const heapMib = Math.floor(bytesOf(machine.memory) / MIB) - BESIDE_HEAP_MIB;
      const limit = `--max-old-space-size=${Math.max(SMALLEST_HEAP_MIB, heapMib)}`;
      return ['/node', limit, '/agent/main.js'];
    }
    case 'Java':
      return ['/java.so', '-jar', '/agent/agent.jar'];
    case 'Native':
      return ['/agent/native'];
  }
}

/** The kernel ends the VM when it aborts; without it the VM would stand still. */
export const OPTIONS = ['--rootfs=rofs', '--console=serial', '--power-off-on-abort'];

/** Without TZ the first date crashes the guest, and this OSv has an io_uring that Node must not use. */
export const ENV = { TZ: 'UTC', UV_USE_IO_URING: '0' };

/**
 * OSv's command line: loader options first, then the program and its words.
 * OSv separates by spaces and knows no quotes in options: a space inside a
 * value is escaped (core/commands.cc).
 */
export function kernelArgs(spec: OsvPoolSpec, identity: GuestIdentity): string {
  const env = { ...ENV, ...identityEnv(identity) };
  const options = Object.entries(env).map(
    ([name, value]) => `--env=${name}=${value.replaceAll(' ', '\\ ')}`,
  );
  const command = spec.image.command ?? commandOf(spec);
  return [...OPTIONS, ...options, ...command].join(' ');
}
