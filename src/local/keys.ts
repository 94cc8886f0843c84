import { createPublicKey, generateKeyPairSync, randomBytes } from 'node:crypto';
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

export interface KeyFiles {
  readonly signingKey: string;
  /** Its public half. */
  readonly publicKey: string;
  readonly tokenKey: string;
}

/** The keys that operator and gateway share, made once for a state folder. */
export function prepareKeys(folder: string): KeyFiles {
  mkdirSync(folder, { recursive: true, mode: 0o700 });
  const files = {
    signingKey: join(folder, 'signing.pem'),
    publicKey: join(folder, 'public.pem'),
    tokenKey: join(folder, 'token.key'),
  };
  if (!existsSync(files.signingKey)) {
    const { privateKey } = generateKeyPairSync('ed25519');
    write(files.signingKey, privateKey.export({ type: 'pkcs8', format: 'pem' }));
  }
  if (!existsSync(files.publicKey)) {
    const publicKey = createPublicKey(readFileSync(files.signingKey));
    write(files.publicKey, publicKey.export({ type: 'spki', format: 'pem' }));
  }
  if (!existsSync(files.tokenKey)) write(files.tokenKey, randomBytes(32).toString('base64url'));
  return files;
}

function write(file: string, content: string | Buffer): void {
  writeFileSync(file, content, { mode: 0o600 });
}
