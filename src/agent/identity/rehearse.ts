import { randomBytes } from 'node:crypto';
import { parseIdentity } from './adopt.ts';
import { mixEntropy } from './entropy.ts';

/**
 * What a template can do of an identity call before it is saved, so that no restored VM waits
 * for it. @throws Error where restored VMs would share their random numbers
 */
export function rehearseRestore(): void {
  const entropy = randomBytes(64);
  const publicKey = randomBytes(32).toString('base64url');
  parseIdentity(
    JSON.stringify({ vmId: 'rehearsal', publicKey, entropy: entropy.toString('base64'), now: 0 }),
  );
  mixEntropy(entropy);
}
