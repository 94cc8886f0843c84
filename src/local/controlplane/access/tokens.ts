import type { KubeClient } from '../../../runtime/kube.ts';
import type { ControlPlane } from '../control-plane.ts';

export interface ServiceAccount {
  readonly namespace: string;
  readonly name: string;
}

/** A local control plane lives as long as somebody works with it: no rotation within a month. */
const TOKEN_SECONDS = 30 * 24 * 60 * 60;

/**
 * Path of a kubeconfig that speaks for a service account, by the API server's own
 * TokenRequest: what RBAC does not grant to it is refused, as in a cluster.
 * @throws KubeError when there is no such account
 */
export async function serviceAccountKubeconfig(
  controlPlane: ControlPlane,
  client: KubeClient,
  account: ServiceAccount,
): Promise<string> {
  const { namespace, name } = account;
  const user = `system:serviceaccount:${namespace}:${name}`;
  return controlPlane.kubeconfigWithToken(user, await requestToken(client, account), namespace);
}

/**
 * A token of a service account, for the API server or for other audiences alone.
 * @throws KubeError when there is no such account
 */
export async function requestToken(
  client: KubeClient,
  { namespace, name }: ServiceAccount,
  audiences?: readonly string[],
): Promise<string> {
  const path = `/api/v1/namespaces/${encodeURIComponent(namespace)}/serviceaccounts/${encodeURIComponent(name)}/token`;
  const body = {
    apiVersion: 'authentication.k8s.io/v1',
    kind: 'TokenRequest',
    spec: { expirationSeconds: TOKEN_SECONDS, audiences },
  };
  const answer = (await client.request({ method: 'POST', path, body })) as TokenAnswer;
  return answer.status.token;
}

interface TokenAnswer {
  readonly status: { readonly token: string };
}
