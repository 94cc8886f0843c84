/** A real control plane on this machine: etcd, kube-apiserver, kube-controller-manager, kubectl. */
export { acquireBinaries, cacheFolder, type AcquireOptions, type Binaries } from './binaries.ts';
export type { ControlPlane } from './control-plane.ts';
export { CHECKSUMS, OFFICIAL, type Checksums, type Origins } from './releases.ts';
export { startControlPlane, type StartOptions } from './start.ts';
export { installCrds, manifestFiles } from './crds.ts';
export { currentKubeconfig, forgetCurrent, rememberCurrent } from './current.ts';
export { requestToken, serviceAccountKubeconfig, type ServiceAccount } from './tokens.ts';
export { COMPONENTS, ETCD_VERSION, KUBERNETES_VERSION, type Component } from './version.ts';
