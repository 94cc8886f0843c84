import { createPublicKey, type KeyObject } from 'node:crypto';
import { readFileSync } from 'node:fs';

/**
 * The public half of the operator's signing key: PEM of a key, or of a certificate that holds it.
 * @throws Error naming the file when it cannot be read or holds no Ed25519 key
 */
export function readPublicKey(file: string): KeyObject {
  let key: KeyObject;
  try {
    key = createPublicKey(readFileSync(file));
  } catch (error) {
    throw new Error(`${file}: the public key cannot be read`, { cause: error });
  }
  // A private key would do as well, and does not belong there.
  if (key.asymmetricKeyType === 'ed25519' && !readFileSync(file, 'latin1').includes('PRIVATE')) {
    return key;
  }
  throw new Error(`${file}: the public key must be Ed25519, and no private one`);
}
