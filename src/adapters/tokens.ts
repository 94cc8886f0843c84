import { createHash, createHmac } from 'node:crypto';
import { readFileSync } from 'node:fs';
import type { Tokens } from '../operator/agents/tokens.ts';

/** Shorter keys could be guessed. */
const MIN_KEY_BYTES = 32;

/**
 * From the keys that operator and gateways share (docs/adr/0004). Where a key is not known the present one is taken.
 * @param previous the key before this one, while VMs live that were bound with it
 */
export function tokensOf(current: Buffer, previous?: Buffer): Tokens {
  const keyId = keyIdOf(current);
  const keys = new Map([[keyId, current]]);
  if (previous !== undefined) keys.set(keyIdOf(previous), previous);
  return {
    keyId,
    knows: (id) => keys.has(id),
    tokenOf: (vmId, applicationId, id = keyId) =>
      deriveToken(keys.get(id) ?? current, vmId, applicationId),
  };
}

/** It stands in no object. */
export function deriveToken(key: Buffer, vmId: string, applicationId: string): string {
  return createHmac('sha256', key).update(`${vmId}|${applicationId}`).digest('base64url');
}

/** Tells keys apart, and tells nothing of them. */
function keyIdOf(key: Buffer): string {
  const digest = createHash('sha256').update('osv-faas-token-key/1\n').update(key).digest('hex');
  return digest.slice(0, 16);
}

export interface TokenKeyFiles {
  readonly tokenKeyFile: string;
  readonly previousTokenKeyFile?: string;
}

/** @throws Error as {@link readTokenKey} */
export function readTokens({ tokenKeyFile, previousTokenKeyFile }: TokenKeyFiles): Tokens {
  const previous =
    previousTokenKeyFile === undefined ? undefined : readTokenKey(previousTokenKeyFile);
  return tokensOf(readTokenKey(tokenKeyFile), previous);
}

/**
 * The key that operator and gateways share: the bytes of a file, without the newline that editors add.
 * @throws Error naming the file when it cannot be read or is shorter than 32 bytes
 */
export function readTokenKey(file: string): Buffer {
  let bytes: Buffer;
  try {
    bytes = readFileSync(file);
  } catch (error) {
    throw new Error(`${file}: the token key cannot be read`, { cause: error });
  }
  const key = bytes.at(-1) === 0x0a ? bytes.subarray(0, -1) : bytes;
  if (key.length < MIN_KEY_BYTES) {
    throw new Error(
      `${file}: the token key must have at least ${MIN_KEY_BYTES} bytes, got ${key.length}`,
    );
  }
  return key;
}
