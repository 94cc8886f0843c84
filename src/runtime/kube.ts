/** The Kubernetes API as ports: what controllers need of a client and of a cache. Types only. */

export interface OwnerReference {
  readonly apiVersion: string;
  readonly kind: string;
  readonly name: string;
  readonly uid: string;
  readonly controller?: boolean;
  readonly blockOwnerDeletion?: boolean;
}

export interface ObjectMeta {
  readonly name?: string;
  readonly namespace?: string;
  readonly uid?: string;
  readonly resourceVersion?: string;
  readonly generation?: number;
  readonly creationTimestamp?: string;
  readonly deletionTimestamp?: string;
  readonly labels?: Readonly<Record<string, string>>;
  readonly annotations?: Readonly<Record<string, string>>;
  readonly finalizers?: readonly string[];
  readonly ownerReferences?: readonly OwnerReference[];
}

export interface KubeObject {
  readonly apiVersion?: string;
  readonly kind?: string;
  readonly metadata: ObjectMeta;
}

/** A kind of object as the REST API names it. */
export interface Resource {
  /** Empty for the core group. */
  readonly group: string;
  readonly version: string;
  readonly plural: string;
  readonly kind: string;
}

export interface ObjectRef {
  readonly resource: Resource;
  readonly name: string;
  /** Absent for cluster-scoped objects. */
  readonly namespace?: string;
}

export interface ListOptions {
  /** All namespaces when absent. */
  readonly namespace?: string;
  readonly labelSelector?: string;
  /** Names and versions without what the objects hold. */
  readonly metadataOnly?: boolean;
}

export type PatchType = 'merge' | 'json' | 'apply';

export interface PatchOptions {
  readonly type: PatchType;
  readonly subresource?: 'status' | 'scale';
  readonly fieldManager?: string;
  /** Server-side apply: take fields over from other managers. */
  readonly force?: boolean;
}

/** Every call rejects with a `KubeError` for an answer that is no success. */
export interface KubeClient {
  get(ref: ObjectRef, signal?: AbortSignal): Promise<KubeObject>;
  list(
    resource: Resource,
    options?: ListOptions,
    signal?: AbortSignal,
  ): Promise<{ readonly items: readonly KubeObject[]; readonly resourceVersion: string }>;
  create<T extends KubeObject>(resource: Resource, object: T, signal?: AbortSignal): Promise<T>;
  /** Resolves when the API server, and whom it asks, would take the object; nothing is stored. */
  dryRun(resource: Resource, object: KubeObject): Promise<void>;
  patch(ref: ObjectRef, patch: unknown, options: PatchOptions): Promise<KubeObject>;
  /** Resolves also when the object is gone already. `uid`: only this incarnation. */
  delete(
    ref: ObjectRef,
    options?: { readonly uid?: string; readonly gracePeriodSeconds?: number },
  ): Promise<void>;
  /** Any other call: `path` with query, JSON in and out. */
  request(call: {
    readonly method: string;
    readonly path: string;
    readonly body?: unknown;
    readonly contentType?: string;
    readonly signal?: AbortSignal;
  }): Promise<unknown>;
}

export type InformerEvent<T> =
  | { readonly type: 'added'; readonly object: T }
  | { readonly type: 'updated'; readonly object: T; readonly previous: T }
  | { readonly type: 'deleted'; readonly object: T };

/** A cache that follows the API server; handlers see every difference between two states of it. */
export interface Informer<T extends KubeObject> {
  /** Resolves when the first list is in the cache. */
  readonly synced: Promise<void>;
  /** What keeps the first list from the cache; undefined when it is there, or nothing went wrong yet. */
  readonly problem: string | undefined;
  /** Runs until the signal aborts; failures are retried with back-off, for ever. */
  start(signal: AbortSignal): void;
  /** Key: `namespace/name`, or `name` for cluster-scoped objects. */
  get(key: string): T | undefined;
  list(): readonly T[];
  byIndex(index: string, value: string): readonly T[];
  on(handler: (event: InformerEvent<T>) => void): void;
}

export function keyOf(object: KubeObject): string {
  const { namespace, name = '' } = object.metadata;
  return namespace === undefined ? name : `${namespace}/${name}`;
}

/** `namespace/name` apart; the namespace is empty for a cluster-scoped key. */
export function splitKey(key: string): { namespace: string; name: string } {
  const slash = key.indexOf('/');
  return { namespace: key.slice(0, Math.max(0, slash)), name: key.slice(slash + 1) };
}
