import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from '@jest/globals';
import {
  CHECKSUMS,
  releaseArchitecture,
  releasesFor,
} from '../../../src/local/controlplane/binaries/releases.ts';
import { digestIn } from '../../../src/local/controlplane/binaries/download.ts';
import {
  ETCD_VERSION,
  KUBERNETES_VERSION,
} from '../../../src/local/controlplane/binaries/version.ts';
import { root } from '../../support/paths.ts';

const goMod = readFileSync(join(root, 'hack', 'controlplane', 'go.mod'), 'utf8');

test('the Go module builds the version that is pinned', () => {
  expect(goMod).toContain(`\tk8s.io/kubernetes v${KUBERNETES_VERSION}\n`);
  expect(goMod).toContain(`\tgo.etcd.io/etcd/server/v3 v${ETCD_VERSION}\n`);
});

test('its staging modules are of the same version', () => {
  const staging = KUBERNETES_VERSION.replace(/^1\./, '0.');
  const replaced = [...goMod.matchAll(/^\s*k8s\.io\/(\S+) => k8s\.io\/\S+ v(\S+)$/gm)];
  expect(replaced.length).toBeGreaterThan(20);
  for (const [, name, version] of replaced) {
    expect({ name, version }).toEqual({ name, version: staging });
  }
});

test('every Kubernetes program has a pinned checksum for both architectures', () => {
  for (const sums of [CHECKSUMS.amd64, CHECKSUMS.arm64]) {
    expect(Object.keys(sums).sort()).toEqual([
      ...['kube-apiserver', 'kube-controller-manager', 'kubectl'],
    ]);
    for (const sum of Object.values(sums)) expect(sum).toMatch(/^[0-9a-f]{64}$/);
  }
  const all = [...Object.values(CHECKSUMS.amd64), ...Object.values(CHECKSUMS.arm64)];
  expect(new Set(all).size).toBe(6);
});

test('releases have the addresses that their projects publish', () => {
  const origins = { kubernetesUrl: 'https://k', etcdUrl: 'https://e' };
  expect(releasesFor('arm64', origins)).toMatchObject([
    {
      component: 'etcd',
      url: `https://e/v${ETCD_VERSION}/etcd-v${ETCD_VERSION}-linux-arm64.tar.gz`,
      member: `etcd-v${ETCD_VERSION}-linux-arm64/etcd`,
      digest: { list: `https://e/v${ETCD_VERSION}/SHA256SUMS` },
    },
    {
      component: 'kube-apiserver',
      url: `https://k/v${KUBERNETES_VERSION}/bin/linux/arm64/kube-apiserver`,
      digest: { pinned: CHECKSUMS.arm64['kube-apiserver'] },
    },
    { component: 'kube-controller-manager' },
    { component: 'kubectl' },
  ]);
});

test.each([
  { platform: 'linux', arch: 'x64', is: 'amd64', why: 'the usual machine' },
  { platform: 'linux', arch: 'arm64', is: 'arm64', why: 'an ARM machine' },
  { platform: 'linux', arch: 'riscv64', is: undefined, why: 'no releases for it' },
  { platform: 'darwin', arch: 'arm64', is: undefined, why: 'no servers for macOS: built' },
])('$platform $arch: $why', ({ platform, arch, is }) => {
  expect(releaseArchitecture(platform, arch)).toBe(is);
});

const SUM = 'ab'.repeat(32);

test.each([
  { why: 'the digest alone', text: SUM, is: SUM },
  { why: 'with a line end', text: `${SUM}\n`, is: SUM },
  { why: 'a line of sha256sum', text: `${SUM}  etcd.tar.gz\n`, is: SUM },
  { why: 'binary mode', text: `${SUM} *etcd.tar.gz\n`, is: SUM },
  { why: 'one of many', text: `${'0'.repeat(64)}  other\n${SUM}  etcd.tar.gz\n`, is: SUM },
  { why: 'many, and none of them ours', text: `${SUM}  other\n${SUM}  third\n`, is: undefined },
  { why: 'a page of a captive portal', text: '<html>Please log in</html>', is: undefined },
  { why: 'too short', text: 'abc', is: undefined },
])('a published digest: $why', ({ text, is }) => {
  expect(digestIn(text, 'etcd.tar.gz')).toBe(is);
});
