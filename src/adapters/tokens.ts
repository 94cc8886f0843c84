import { createHmac } from 'node:crypto';
import { readFileSync } from 'node:fs';

/** Shorter keys could be guessed. */
const MIN_KEY_BYTES = 32;

/** Bearer token of a VM that is bound to an application (docs/adr/0004): it stands in no object. */
export function deriveToken(key: Buffer, vmId: string, applicationId: string): string {
  return createHmac('sha256', key).update(`${vmId}|${applicationId}`).digest('base64url');
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
