import { request } from 'undici';
import type { ReadConsole } from '../../operator/vms/last-words.ts';
import type { KubeClient, Resource } from '../../runtime/kube.ts';
import { KubeError } from '../kube/error.ts';
import { objectPath, withQuery } from '../kube/paths.ts';
import type { Transport } from '../kube/transport.ts';

const PODS: Resource = { group: '', version: 'v1', plural: 'pods', kind: 'Pod' };
/** KubeVirt's container that repeats the serial console of a guest with `logSerialConsole`. */
const CONTAINER = 'guest-console-log';
const CREATED_BY = 'kubevirt.io/created-by';
const LAST = { tailLines: '20', limitBytes: '8192' };
const TIMEOUT_MS = 3_000;

/** Reads the end of a guest's console from the log of its launcher pod, which is there until its VMI is deleted. */
export function consoleReader(client: KubeClient, transport: Transport): ReadConsole {
  return async ({ namespace, uid }) => {
    if (uid === undefined) return undefined;
    const labelSelector = `${CREATED_BY}=${uid}`;
    const { items } = await client.list(PODS, { namespace, labelSelector, metadataOnly: true });
    const name = items[0]?.metadata.name;
    if (name === undefined) return undefined;
    const { dispatcher, headers } = await transport.credentials();
    const path = withQuery(objectPath({ resource: PODS, namespace, name }, 'log'), {
      container: CONTAINER,
      ...LAST,
    });
    const answer = await request(transport.origin + path, {
      dispatcher,
      headers,
      signal: AbortSignal.timeout(TIMEOUT_MS),
    });
    transport.observe('GET', answer.statusCode);
    const text = await answer.body.text();
    if (answer.statusCode === 200) return text;
    throw KubeError.fromAnswer(answer.statusCode, text, `GET ${path}`, answer.headers);
  };
}
