import type { KubeClient } from '../../runtime/kube.ts';
import type { Authenticate } from '../../operator/stream/reviews.ts';

/** What gateways' service account tokens must have been issued for. */
export const STREAM_AUDIENCE = 'osv-faas-operator';

const PATH = '/apis/authentication.k8s.io/v1/tokenreviews';
const ACCOUNT = /^system:serviceaccount:([^:]+:[^:]+)$/;

interface TokenReview {
  readonly status?: {
    readonly authenticated?: boolean;
    readonly audiences?: readonly string[];
    readonly user?: { readonly username?: string };
  };
}

/** Asks the API server whose token it is: when a stream is opened, never for a message. */
export function tokenReviewer(client: KubeClient): Authenticate {
  return async (token) => {
    const body = {
      apiVersion: 'authentication.k8s.io/v1',
      kind: 'TokenReview',
      spec: { token, audiences: [STREAM_AUDIENCE] },
    };
    const review = (await client.request({ method: 'POST', path: PATH, body })) as TokenReview;
    const { authenticated, audiences = [], user } = review.status ?? {};
    if (authenticated !== true || !audiences.includes(STREAM_AUDIENCE)) return undefined;
    return ACCOUNT.exec(user?.username ?? '')?.[1];
  };
}
