import { createPublicKey, verify, type KeyObject } from 'node:crypto';
import { signedText } from '../../api/agent-protocol.ts';
import type { Identity } from '../identity/identity.ts';

/** Lower-case hex SHA-256 of nothing: the digest of a call without body. */
export const EMPTY_SHA256 = 'e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855';

export interface SignedCall {
  readonly method: string;
  readonly path: string;
  readonly vmId: string;
  readonly sha256: string;
}

/** The operator's public key from base64url of its raw 32 bytes. Throws when they are no key. */
function operatorKey(publicKey: string): KeyObject {
  return createPublicKey({ key: { kty: 'OKP', crv: 'Ed25519', x: publicKey }, format: 'jwk' });
}

const keys = new WeakMap<Identity, KeyObject>();

/** Made at the first signed call; a template has none. */
function keyOf(identity: Identity): KeyObject | undefined {
  const { publicKey } = identity;
  let key = keys.get(identity);
  if (key === undefined && publicKey !== undefined) {
    key = operatorKey(publicKey);
    keys.set(identity, key);
  }
  return key;
}

/** Whether `signature` (base64) is the operator's over this call. */
export function isSigned(
  identity: Identity,
  call: SignedCall,
  signature: string | string[] | undefined,
): boolean {
  const key = keyOf(identity);
  return (
    key !== undefined &&
    typeof signature === 'string' &&
    verify(null, Buffer.from(signedText(call)), key, Buffer.from(signature, 'base64'))
  );
}
