import type { V1Disk, V1Volume } from '@kubevirt-ui-ext/kubevirt-api/kubevirt';
import { AGENT_ENV, IDENTITY_MARK } from '../../api/agent-protocol.ts';
import { AGENT_PORT } from '../../api/group.ts';

/** What a generic VM is told of itself; no secret. */
export interface GuestIdentity {
  readonly vmId: string;
  /** base64url of the operator's raw Ed25519 public key. */
  readonly publicKey: string;
}

/** The variables that the agent reads its identity from. */
export function identityEnv({ vmId, publicKey }: GuestIdentity): Record<string, string> {
  return {
    [AGENT_ENV.vmId]: vmId,
    [AGENT_ENV.publicKey]: publicKey,
    [AGENT_ENV.port]: String(AGENT_PORT),
  };
}

/**
 * The same as a disk of a few kilobytes, for guests whose command line is not their own: only
 * who may create VMIs can write it, where a call over the network would believe the first caller.
 */
export function identityDisk(identity: GuestIdentity): { disk: V1Disk; volume: V1Volume } {
  const lines = Object.entries(identityEnv(identity)).map(([name, value]) => `${name}=${value}`);
  const userData = `${[IDENTITY_MARK, ...lines].join('\n')}\n`;
  return {
    disk: { name: 'identity', disk: { bus: 'virtio', readonly: true } },
    volume: { name: 'identity', cloudInitNoCloud: { userData } },
  };
}
