import { createHash, createPrivateKey, createPublicKey, sign, type KeyObject } from 'node:crypto';
import { signedText } from '../../api/agent-protocol.ts';

export interface Signer {
  /** base64url of the raw 32 bytes. */
  readonly publicKey: string;
  /** base64 signature over a control call to one VM; `body` is what the digest covers. */
  sign(call: { method: string; path: string; vmId: string; body?: Buffer }): string;
}

/**
 * @param pem PKCS#8 Ed25519 private key
 * @throws Error when it is none
 */
export function createSigner(pem: string): Signer {
  const key: KeyObject = createPrivateKey(pem);
  if (key.asymmetricKeyType !== 'ed25519') {
    throw new Error(`the signing key must be Ed25519, got ${key.asymmetricKeyType ?? 'none'}`);
  }
  const publicKey = createPublicKey(key).export({ format: 'jwk' }).x ?? '';
  return {
    publicKey,
    sign: ({ body = Buffer.alloc(0), ...call }) => {
      const sha256 = createHash('sha256').update(body).digest('hex');
      return sign(null, Buffer.from(signedText({ ...call, sha256 })), key).toString('base64');
    },
  };
}
