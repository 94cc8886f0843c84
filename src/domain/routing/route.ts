import type { Function } from '../../api/types.ts';
import { applicationId, applicationOf } from '../application.ts';

/** Where requests of one Function go; what a gateway needs to know of a Function. */
export interface Route {
  /** `namespace/name`. */
  readonly key: string;
  readonly namespace: string;
  readonly name: string;
  readonly applicationId: string;
  readonly timeoutMs: number;
  /** Undefined: every host. Exact names, or with a leading `*.`. */
  readonly hosts: readonly string[] | undefined;
  /** Undefined: only the route that always works. No trailing slash; `` is everything. */
  readonly prefix: string | undefined;
  /** Undefined: all. */
  readonly methods: readonly string[] | undefined;
  /** RFC 3339; of two Functions that ask for the same route the older one gets it. */
  readonly createdAt: string;
}

/** The route of a Function that exists and is not being deleted. */
export function routeOf(fn: Function): Route | undefined {
  const { metadata, spec } = fn;
  if (metadata.deletionTimestamp !== undefined) return undefined;
  const { hosts, path, methods } = spec.http ?? {};
  const custom = hosts !== undefined || path !== undefined;
  return {
    key: `${metadata.namespace}/${metadata.name}`,
    namespace: metadata.namespace,
    name: metadata.name,
    applicationId: applicationId(applicationOf(fn)),
    timeoutMs: spec.timeoutSeconds * 1000,
    hosts,
    prefix: custom ? (path ?? '').replace(/\/+$/, '') : undefined,
    methods,
    createdAt: metadata.creationTimestamp ?? '',
  };
}

/** Oldest first; names decide between Functions of the same second, so that all gateways agree. */
export function byAge(a: Route, b: Route): number {
  if (a.createdAt !== b.createdAt) return a.createdAt < b.createdAt ? -1 : 1;
  return a.key < b.key ? -1 : 1;
}
