import { mkdirSync, writeFileSync } from 'node:fs';
import { dirname } from 'node:path';
import type { Certificate } from './certificates.ts';

export interface Endpoint {
  /** Such as `https://127.0.0.1:40001`. */
  readonly server: string;
  /** The authority's certificate, PEM. */
  readonly ca: string;
}

/** Who a kubeconfig speaks for: a client certificate or a bearer token. */
export type Identity =
  | { readonly user: string; readonly certificate: Certificate }
  | { readonly user: string; readonly token: string };

/** Writes a kubeconfig with one context; only its owner may read it. */
export function writeKubeconfig(
  file: string,
  endpoint: Endpoint,
  identity: Identity,
  namespace = 'default',
): void {
  mkdirSync(dirname(file), { recursive: true, mode: 0o700 });
  writeFileSync(file, kubeconfig(endpoint, identity, namespace), { mode: 0o600 });
}

/** JSON is YAML too, and needs no library. */
export function kubeconfig(endpoint: Endpoint, identity: Identity, namespace: string): string {
  const { server, ca } = endpoint;
  const { user } = identity;
  const name = 'osv-faas-local';
  const config = {
    apiVersion: 'v1',
    kind: 'Config',
    clusters: [{ name, cluster: { server, 'certificate-authority-data': base64(ca) } }],
    users: [{ name: user, user: credentialsOf(identity) }],
    contexts: [{ name, context: { cluster: name, user, namespace } }],
    'current-context': name,
  };
  return `${JSON.stringify(config, null, 2)}\n`;
}

function credentialsOf(identity: Identity): Record<string, string> {
  if ('token' in identity) return { token: identity.token };
  const { cert, key } = identity.certificate;
  return { 'client-certificate-data': base64(cert), 'client-key-data': base64(key) };
}

function base64(text: string): string {
  return Buffer.from(text).toString('base64');
}
