import { createHash, createPrivateKey, createPublicKey, sign, type KeyObject } from 'node:crypto';
import { signedText } from '../../api/agent-protocol.ts';
import type { BindingClaim } from '../../api/binding.ts';
import { readBinding, signBinding } from './bindings.ts';

export interface Signer {
  /** base64url of the raw 32 bytes. */
  readonly publicKey: string;
  /** base64 signature over a control call to one VM; `body` is what the digest covers. */
  sign(call: { method: string; path: string; vmId: string; body?: Buffer }): string;
  /** The operator's word for whose VM it is, for the VM to keep. */
  signBinding(claim: Omit<BindingClaim, 'epoch'>): string;
  /** What the operator, this one or one before, has signed; undefined for anything else. */
  readBinding(text: unknown): BindingClaim | undefined;
}

/**
 * @param pem PKCS#8 Ed25519 private key
 * @param epoch when this operator started, milliseconds since the epoch
 * @throws Error when it is none
 */
export function createSigner(pem: string, epoch: number): Signer {
  const key: KeyObject = createPrivateKey(pem);
  if (key.asymmetricKeyType !== 'ed25519') {
    throw new Error(`the signing key must be Ed25519, got ${key.asymmetricKeyType ?? 'none'}`);
  }
  const publicKey = createPublicKey(key);
  return {
    publicKey: publicKey.export({ format: 'jwk' }).x ?? '',
    sign: ({ body = Buffer.alloc(0), ...call }) => {
      const sha256 = createHash('sha256').update(body).digest('hex');
      return sign(null, Buffer.from(signedText({ ...call, sha256 })), key).toString('base64');
    },
    signBinding: (claim) => signBinding(key, { ...claim, epoch }),
    readBinding: (text) => readBinding(publicKey, text),
  };
}
