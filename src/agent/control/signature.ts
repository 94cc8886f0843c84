import { createPublicKey, verify, type KeyObject } from 'node:crypto';
import { signedText } from '../../api/agent-protocol.ts';

/** Lower-case hex SHA-256 of nothing: the digest of a call without body. */
export const EMPTY_SHA256 = 'e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855';

export interface SignedCall {
  readonly method: string;
  readonly path: string;
  readonly vmId: string;
  readonly sha256: string;
}

/** The operator's public key from base64url of its raw 32 bytes. Throws when they are no key. */
export function operatorKey(publicKey: string): KeyObject {
  return createPublicKey({ key: { kty: 'OKP', crv: 'Ed25519', x: publicKey }, format: 'jwk' });
}

/** Whether `signature` (base64) is the operator's over this call. */
export function isSigned(
  key: KeyObject,
  call: SignedCall,
  signature: string | string[] | undefined,
): boolean {
  return (
    typeof signature === 'string' &&
    verify(null, Buffer.from(signedText(call)), key, Buffer.from(signature, 'base64'))
  );
}
