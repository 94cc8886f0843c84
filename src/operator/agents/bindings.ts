import { sign, verify, type KeyObject } from 'node:crypto';
import { BINDING_DOMAIN, MAX_BINDING_CHARS, type BindingClaim } from '../../api/binding.ts';

/** `payload.signature`, both base64url; the signature is over {@link BINDING_DOMAIN} and the payload. */
const FORM = /^([A-Za-z0-9_-]+)\.([A-Za-z0-9_-]{86})$/;

/** @param key Ed25519 private key of the operator */
export function signBinding(key: KeyObject, claim: BindingClaim): string {
  const payload = Buffer.from(JSON.stringify(claim)).toString('base64url');
  const signature = sign(null, signedBytes(payload), key);
  return `${payload}.${signature.toString('base64url')}`;
}

/**
 * What the operator signed, or undefined for anything that it did not.
 * @param key Ed25519 public key of the operator; @param text whatever a guest shows
 */
export function readBinding(key: KeyObject, text: unknown): BindingClaim | undefined {
  if (typeof text !== 'string' || text.length > MAX_BINDING_CHARS) return undefined;
  const [, payload, signature] = FORM.exec(text) ?? [];
  if (payload === undefined || signature === undefined) return undefined;
  if (!verify(null, signedBytes(payload), key, Buffer.from(signature, 'base64url'))) {
    return undefined;
  }
  // Signed, so it is what signBinding wrote.
  return JSON.parse(Buffer.from(payload, 'base64url').toString('utf8')) as BindingClaim;
}

function signedBytes(payload: string): Buffer {
  return Buffer.from(BINDING_DOMAIN + payload);
}
