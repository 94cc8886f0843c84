/**
 * The one place that says which Kubernetes this is. `hack/controlplane/go.mod`
 * must agree (a test compares them), and so must the checksums beside this file.
 */
export const KUBERNETES_VERSION = '1.36.1';

/** The etcd that this Kubernetes is built and tested with. */
export const ETCD_VERSION = '3.6.8';

export const COMPONENTS = ['etcd', 'kube-apiserver', 'kube-controller-manager', 'kubectl'] as const;

export type Component = (typeof COMPONENTS)[number];
