import { FIELD_MANAGER, FINALIZER } from '../api/group.ts';
import type { KubeClient, KubeObject, Resource } from '../runtime/kube.ts';

export function hasFinalizer({ metadata }: KubeObject): boolean {
  return metadata.finalizers?.includes(FINALIZER) ?? false;
}

export function addFinalizer(
  client: KubeClient,
  resource: Resource,
  object: KubeObject,
): Promise<unknown> {
  return setFinalizers(client, resource, object, [
    ...(object.metadata.finalizers ?? []),
    FINALIZER,
  ]);
}

/** Lets the API server remove the object. */
export function removeFinalizer(
  client: KubeClient,
  resource: Resource,
  object: KubeObject,
): Promise<unknown> {
  const others = (object.metadata.finalizers ?? []).filter((name) => name !== FINALIZER);
  return setFinalizers(client, resource, object, others);
}

/** With the resourceVersion: finalizers that somebody else has changed meanwhile make it a conflict. */
async function setFinalizers(
  client: KubeClient,
  resource: Resource,
  { metadata }: KubeObject,
  finalizers: readonly string[],
): Promise<void> {
  const { name = '', namespace = '', resourceVersion } = metadata;
  const patch = { metadata: { finalizers, resourceVersion } };
  await client
    .patch({ resource, name, namespace }, patch, { type: 'merge', fieldManager: FIELD_MANAGER })
    .catch((error: unknown) => {
      if ((error as { status?: unknown }).status !== 404) throw error;
    });
}
