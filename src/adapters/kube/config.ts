import { KubeConfig, type Cluster } from '@kubernetes/client-node';

/**
 * The configuration of the current context: a kubeconfig file, or what the
 * environment offers (KUBECONFIG, ~/.kube/config, a pod's service account).
 * @throws Error naming the file, when it cannot be read or has no current context
 */
export function loadKubeConfig(kubeconfig?: string): KubeConfig {
  const config = new KubeConfig();
  const from = kubeconfig ?? 'default kubeconfig';
  try {
    if (kubeconfig === undefined) config.loadFromDefault();
    else config.loadFromFile(kubeconfig);
  } catch (error) {
    throw new Error(`${from}: cannot be read`, { cause: error });
  }
  clusterOf(config, from);
  return config;
}

export function clusterOf(config: KubeConfig, from = 'kubeconfig'): Cluster {
  const cluster = config.getCurrentCluster();
  if (cluster === null) throw new Error(`${from}: no current context`);
  return cluster;
}
