import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { Authority, createTokenKeys, type Certificate } from './certificates.ts';
import { LOOPBACK, type Layout } from '../flags.ts';

export interface Pki {
  /** Signs servers and users; its certificate is the `ca` of every kubeconfig. */
  readonly cluster: Authority;
  /** For calls to etcd itself. */
  readonly etcd: { readonly ca: string; readonly client: Certificate };
  readonly admin: Certificate;
  readonly controllerManager: Certificate;
}

const SERVER_HOSTS = [LOOPBACK, '::1', 'localhost', 'kubernetes.default.svc', '10.96.0.1'];

/**
 * Authorities and the token key are kept, so that what was issued from a state
 * folder stays valid; what is signed by them is made anew at every start.
 */
export async function preparePki(layout: Layout, now: Date): Promise<Pki> {
  mkdirSync(layout.pki, { recursive: true, mode: 0o700 });
  const [cluster, etcd, frontProxy] = await Promise.all([
    authority(layout, 'ca', now),
    authority(layout, 'etcd-ca', now),
    authority(layout, 'front-proxy-ca', now),
  ]);
  writeTokenKeys(layout);
  const [server, etcdCert, proxy, admin, controllerManager] = await Promise.all([
    cluster.issue({ name: 'kube-apiserver', hosts: SERVER_HOSTS }, now),
    etcd.issue({ name: 'etcd', hosts: [LOOPBACK, 'localhost'] }, now),
    frontProxy.issue({ name: 'front-proxy-client' }, now),
    cluster.issue({ name: 'osv-faas-admin', groups: ['system:masters'] }, now),
    cluster.issue({ name: 'system:kube-controller-manager' }, now),
  ]);
  write(layout, 'apiserver', server);
  write(layout, 'etcd', etcdCert);
  write(layout, 'front-proxy-client', proxy);
  const etcdAccess = { ca: etcd.certificate.cert, client: etcdCert };
  return { cluster, etcd: etcdAccess, admin, controllerManager };
}

async function authority(layout: Layout, name: string, now: Date): Promise<Authority> {
  const [cert, key] = [join(layout.pki, `${name}.crt`), join(layout.pki, `${name}.key`)];
  if (existsSync(cert) && existsSync(key)) {
    return Authority.read({ cert: readFileSync(cert, 'utf8'), key: readFileSync(key, 'utf8') });
  }
  const made = await Authority.create(`osv-faas-local-${name}`, now);
  write(layout, name, made.certificate);
  return made;
}

function write(layout: Layout, name: string, { cert, key }: Certificate): void {
  writeFileSync(join(layout.pki, `${name}.crt`), cert, { mode: 0o600 });
  writeFileSync(join(layout.pki, `${name}.key`), key, { mode: 0o600 });
}

function writeTokenKeys(layout: Layout): void {
  const [publicFile, privateFile] = [join(layout.pki, 'sa.pub'), join(layout.pki, 'sa.key')];
  if (existsSync(publicFile) && existsSync(privateFile)) return;
  const { publicKey, privateKey } = createTokenKeys();
  writeFileSync(publicFile, publicKey, { mode: 0o600 });
  writeFileSync(privateFile, privateKey, { mode: 0o600 });
}
