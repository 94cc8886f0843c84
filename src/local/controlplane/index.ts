/** A real control plane on this machine: etcd, kube-apiserver, kube-controller-manager, kubectl. */
export {
  acquireBinaries,
  cacheFolder,
  type AcquireOptions,
  type Binaries,
} from './binaries/acquire.ts';
export type { ControlPlane } from './control-plane.ts';
export { CHECKSUMS, OFFICIAL, type Checksums, type Origins } from './binaries/releases.ts';
export { startControlPlane, type StartOptions } from './start.ts';
export { installCrds, manifestFiles } from './crds.ts';
export { currentKubeconfig, forgetCurrent, rememberCurrent } from './access/current.ts';
export { requestToken, serviceAccountKubeconfig, type ServiceAccount } from './access/tokens.ts';
export {
  COMPONENTS,
  ETCD_VERSION,
  KUBERNETES_VERSION,
  type Component,
} from './binaries/version.ts';
