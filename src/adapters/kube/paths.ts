import type { ObjectRef, Resource } from '../../runtime/kube.ts';

/** Path of a collection, of all namespaces when none is given. */
export function collectionPath(resource: Resource, namespace?: string): string {
  const root =
    resource.group === ''
      ? `/api/${resource.version}`
      : `/apis/${resource.group}/${resource.version}`;
  const scope = namespace === undefined ? '' : `/namespaces/${encodeURIComponent(namespace)}`;
  return `${root}${scope}/${resource.plural}`;
}

export function objectPath(ref: ObjectRef, subresource?: string): string {
  const path = `${collectionPath(ref.resource, ref.namespace)}/${encodeURIComponent(ref.name)}`;
  return subresource === undefined ? path : `${path}/${subresource}`;
}

export function withQuery(path: string, query: Record<string, string | undefined>): string {
  const set = Object.entries(query).filter(
    (entry): entry is [string, string] => entry[1] !== undefined,
  );
  return set.length === 0 ? path : `${path}?${new URLSearchParams(set).toString()}`;
}

/** What a call accepts: `partial` instead of whole objects where only their metadata count. */
export function mediaTypeOf(partial: string, metadataOnly = false): string {
  const json = 'application/json';
  return metadataOnly ? `${json};as=${partial};g=meta.k8s.io;v=v1` : json;
}
