import { FIELD_MANAGER } from '../api/group.ts';
import { canonical } from '../domain/vmi/revision.ts';
import type { KubeClient, KubeObject, Resource } from '../runtime/kube.ts';

/** Writes a status if it differs from what the object has; a field that is gone is taken away. */
export async function writeStatus(
  client: KubeClient,
  resource: Resource,
  object: KubeObject & { readonly status?: object },
  status: object,
): Promise<void> {
  const before = object.status ?? {};
  if (canonical(before) === canonical(status)) return;
  const gone = Object.keys(before).filter((field) => !(field in status));
  const patch = {
    status: { ...Object.fromEntries(gone.map((field) => [field, null])), ...status },
  };
  const { name = '', namespace = '' } = object.metadata;
  const options = { type: 'merge', subresource: 'status', fieldManager: FIELD_MANAGER } as const;
  await client.patch({ resource, name, namespace }, patch, options);
}
