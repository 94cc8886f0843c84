import { COMPONENTS, ETCD_VERSION, KUBERNETES_VERSION, type Component } from './version.ts';

export type Architecture = 'amd64' | 'arm64';

/** One file of a release. */
export interface Release {
  readonly component: Component;
  readonly url: string;
  /** The program is a file of this name in a tar.gz; the whole file when absent. */
  readonly member?: string;
  readonly digest: Digest;
}

/**
 * SHA-256 in hexadecimal: pinned here, or, where we could not learn it in advance
 * (docs/adr/0011), published beside the file in `list`, under `name`.
 */
export type Digest = { readonly pinned: string } | { readonly list: string; readonly name: string };

export interface Origins {
  /** Holds `v<version>/bin/linux/<arch>/<program>`. */
  readonly kubernetesUrl: string;
  /** Holds `v<version>/etcd-v<version>-linux-<arch>.tar.gz`. */
  readonly etcdUrl: string;
}

export const OFFICIAL: Origins = {
  kubernetesUrl: 'https://dl.k8s.io/release',
  etcdUrl: 'https://github.com/etcd-io/etcd/releases/download',
};

export type Checksums = Readonly<
  Record<Architecture, Readonly<Partial<Record<Component, string>>>>
>;

/** Of Kubernetes 1.36.1; another version needs others. */
export const CHECKSUMS: Checksums = {
  amd64: {
    'kube-apiserver': '9b4dba0a5b945f1fe0ce18f47535c5ff0c46ae384f9222047bce39fe91b6023e',
    'kube-controller-manager': '41a41cd08f8035661848e883479816d5e65f832a461c004840eb2cd54998af08',
    kubectl: '629d3f410e09bf49b64ae7079f7f0bda1191efed311f7d37fdbab0ad5b0ec2b7',
  },
  arm64: {
    'kube-apiserver': '4652cb7637891e9ca1c639802a3a4e7c658c6291fdaa8bcbd173b0d610a7b290',
    'kube-controller-manager': '100b2da64ff32467334eab1c9c17eeab16588b7b7de30a3d4c5d8375c43634e4',
    kubectl: '59f7ee8e477fae658447607dc3c8790ac17a1b016c01c622c12070e969e2d4e7',
  },
};

/** The architecture that releases exist for, or undefined: there is no kube-apiserver for macOS. */
export function releaseArchitecture(platform: string, arch: string): Architecture | undefined {
  if (platform !== 'linux') return undefined;
  if (arch === 'x64') return 'amd64';
  return arch === 'arm64' ? 'arm64' : undefined;
}

export function releasesFor(
  architecture: Architecture,
  origins: Origins,
  checksums: Checksums = CHECKSUMS,
): readonly Release[] {
  return COMPONENTS.map((component) => {
    const pinned = checksums[architecture][component];
    const where =
      component === 'etcd'
        ? etcd(architecture, origins.etcdUrl)
        : kubernetes(component, architecture, origins.kubernetesUrl);
    return { ...where, component, digest: pinned === undefined ? where.published : { pinned } };
  });
}

interface Place {
  readonly url: string;
  readonly member?: string;
  readonly published: Digest;
}

function kubernetes(component: Component, architecture: Architecture, base: string): Place {
  const url = `${base}/v${KUBERNETES_VERSION}/bin/linux/${architecture}/${component}`;
  return { url, published: { list: `${url}.sha256`, name: component } };
}

function etcd(architecture: Architecture, base: string): Place {
  const folder = `etcd-v${ETCD_VERSION}-linux-${architecture}`;
  const release = `${base}/v${ETCD_VERSION}`;
  const name = `${folder}.tar.gz`;
  return {
    url: `${release}/${name}`,
    member: `${folder}/etcd`,
    published: { list: `${release}/SHA256SUMS`, name },
  };
}
