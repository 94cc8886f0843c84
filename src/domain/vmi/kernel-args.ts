import { AGENT_ENV } from '../../api/agent-protocol.ts';
import { AGENT_PORT } from '../../api/group.ts';
import type { OsvPoolSpec } from '../../api/types.ts';

/** Commands that start the agent in the images of the image tool. */
const COMMANDS: Readonly<Record<OsvPoolSpec['runtime'], readonly string[]>> = {
  Node: ['/node', '/agent/main.js'],
  Java: ['/java.so', '-jar', '/agent/agent.jar'],
  Native: ['/agent/native'],
};

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
  const command = spec.image.command ?? COMMANDS[spec.runtime];
  return ['--rootfs=rofs', '--console=serial', ...options, ...command].join(' ');
}
