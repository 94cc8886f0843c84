import { join } from 'node:path';

/** Where a control plane keeps its files; all paths absolute. */
export interface Layout {
  readonly stateDir: string;
  readonly pki: string;
  readonly data: string;
  readonly logs: string;
  /** The administrator's. */
  readonly kubeconfig: string;
  readonly managerKubeconfig: string;
  readonly pidFile: string;
}

export interface Ports {
  readonly etcd: number;
  readonly etcdPeer: number;
  readonly apiServer: number;
}

export const LOOPBACK = '127.0.0.1';

/** What the design uses; the rest would only make a laptop warm. */
const CONTROLLERS = [
  'garbage-collector-controller',
  'namespace-controller',
  'serviceaccount-controller',
  'serviceaccount-token-controller',
  'root-ca-certificate-publisher-controller',
  'clusterrole-aggregation-controller',
  'resourcequota-controller',
  'horizontal-pod-autoscaler-controller',
];

export function layoutOf(stateDir: string): Layout {
  return {
    stateDir,
    pki: join(stateDir, 'pki'),
    data: join(stateDir, 'etcd'),
    logs: join(stateDir, 'logs'),
    kubeconfig: join(stateDir, 'kubeconfig'),
    managerKubeconfig: join(stateDir, 'pki', 'controller-manager.kubeconfig'),
    pidFile: join(stateDir, 'pid'),
  };
}

export function serverUrl(ports: Ports): string {
  return `https://${LOOPBACK}:${ports.apiServer}`;
}

export function etcdUrl(ports: Ports): string {
  return `https://${LOOPBACK}:${ports.etcd}`;
}

/** etcd has no users: only who has a certificate of its own authority may speak to it. */
export function etcdFlags(layout: Layout, ports: Ports, fsync: boolean): readonly string[] {
  const peer = `https://${LOOPBACK}:${ports.etcdPeer}`;
  const ca = join(layout.pki, 'etcd-ca.crt');
  const [cert, key] = [join(layout.pki, 'etcd.crt'), join(layout.pki, 'etcd.key')];
  return [
    '--name=local',
    `--data-dir=${layout.data}`,
    `--listen-client-urls=${etcdUrl(ports)}`,
    `--advertise-client-urls=${etcdUrl(ports)}`,
    `--listen-peer-urls=${peer}`,
    `--initial-advertise-peer-urls=${peer}`,
    `--initial-cluster=local=${peer}`,
    '--client-cert-auth',
    `--trusted-ca-file=${ca}`,
    `--cert-file=${cert}`,
    `--key-file=${key}`,
    '--peer-client-cert-auth',
    `--peer-trusted-ca-file=${ca}`,
    `--peer-cert-file=${cert}`,
    `--peer-key-file=${key}`,
    '--log-level=warn',
    ...(fsync ? [] : ['--unsafe-no-fsync']),
  ];
}

export function apiServerFlags(layout: Layout, ports: Ports): readonly string[] {
  const pki = (name: string): string => join(layout.pki, name);
  return [
    `--bind-address=${LOOPBACK}`,
    `--advertise-address=${LOOPBACK}`,
    `--secure-port=${ports.apiServer}`,
    // No pod looks for the "kubernetes" Service here, and its Endpoints refuse loopback addresses.
    '--endpoint-reconciler-type=none',
    `--etcd-servers=${etcdUrl(ports)}`,
    `--etcd-cafile=${pki('etcd-ca.crt')}`,
    `--etcd-certfile=${pki('etcd.crt')}`,
    `--etcd-keyfile=${pki('etcd.key')}`,
    `--tls-cert-file=${pki('apiserver.crt')}`,
    `--tls-private-key-file=${pki('apiserver.key')}`,
    `--client-ca-file=${pki('ca.crt')}`,
    '--authorization-mode=RBAC',
    '--allow-privileged=true',
    '--service-cluster-ip-range=10.96.0.0/16',
    '--service-account-issuer=https://kubernetes.default.svc',
    `--service-account-key-file=${pki('sa.pub')}`,
    `--service-account-signing-key-file=${pki('sa.key')}`,
    // Aggregated APIs, such as external.metrics.k8s.io, by address: there is no kube-proxy.
    '--enable-aggregator-routing=true',
    `--requestheader-client-ca-file=${pki('front-proxy-ca.crt')}`,
    '--requestheader-allowed-names=front-proxy-client',
    '--requestheader-username-headers=X-Remote-User',
    '--requestheader-group-headers=X-Remote-Group',
    '--requestheader-extra-headers-prefix=X-Remote-Extra-',
    `--proxy-client-cert-file=${pki('front-proxy-client.crt')}`,
    `--proxy-client-key-file=${pki('front-proxy-client.key')}`,
    '--profiling=false',
  ];
}

export function controllerManagerFlags(layout: Layout): readonly string[] {
  return [
    `--kubeconfig=${layout.managerKubeconfig}`,
    `--controllers=${CONTROLLERS.join(',')}`,
    '--use-service-account-credentials=true',
    '--leader-elect=false',
    // No port of its own: nothing here scrapes it.
    '--secure-port=0',
    `--root-ca-file=${join(layout.pki, 'ca.crt')}`,
    `--service-account-private-key-file=${join(layout.pki, 'sa.key')}`,
    // A burst of a thousand VMs is deleted at once, too.
    '--kube-api-qps=500',
    '--kube-api-burst=1000',
    '--profiling=false',
  ];
}
