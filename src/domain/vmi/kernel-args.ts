import { AGENT_ENV } from '../../api/agent-protocol.ts';
import { AGENT_PORT } from '../../api/group.ts';
import type { OsvPoolSpec } from '../../api/types.ts';
import { bytesOf } from '../quantity.ts';

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

export interface GuestIdentity {
  readonly vmId: string;
  /** base64url of the operator's raw Ed25519 public key; no secret. */
  readonly publicKey: string;
}

/**
 * OSv's command line: loader options first, then the program and its words.
 * OSv separates by spaces and knows no quotes in options: a space inside a
 * value is escaped (core/commands.cc).
 */
export function kernelArgs(spec: OsvPoolSpec, identity: GuestIdentity): string {
  const env = {
    TZ: 'UTC',
    [AGENT_ENV.vmId]: identity.vmId,
    [AGENT_ENV.publicKey]: identity.publicKey,
    [AGENT_ENV.port]: String(AGENT_PORT),
  };
  const options = Object.entries(env).map(
    ([name, value]) => `--env=${name}=${value.replaceAll(' ', '\\ ')}`,
  );
  const command = spec.image.command ?? commandOf(spec);
  return ['--rootfs=rofs', '--console=serial', ...options, ...command].join(' ');
}
