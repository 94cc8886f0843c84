import type { Function } from '../api/types.ts';

/** Functions of one application and one pool share VMs; two applications never do. */
export interface Application {
  readonly namespace: string;
  readonly name: string;
  readonly pool: { readonly namespace: string; readonly name: string };
}

export function applicationOf(fn: Function): Application {
  const { namespace, name } = fn.metadata;
  const { application, poolRef } = fn.spec;
  return {
    namespace,
    name: application ?? name,
    pool: { namespace: poolRef.namespace ?? namespace, name: poolRef.name },
  };
}

/** The name that protocols use: opaque to whoever reads it, unique in the cluster. */
export function applicationId({ namespace, name, pool }: Application): string {
  return `${namespace}/${name}@${pool.namespace}/${pool.name}`;
}

/** The inverse of {@link applicationId}; undefined for any other text. */
export function parseApplicationId(id: string): Application | undefined {
  const match = /^([^/@]+)\/([^/@]+)@([^/@]+)\/([^/@]+)$/.exec(id);
  if (match === null) return undefined;
  const [, namespace = '', name = '', poolNamespace = '', poolName = ''] = match;
  return { namespace, name, pool: { namespace: poolNamespace, name: poolName } };
}

export function poolKey(application: Application): string {
  return `${application.pool.namespace}/${application.pool.name}`;
}

/** What the Functions of an application ask for together (docs/adr/0007). */
export interface ApplicationSettings {
  /** Invocations that one VM runs at once: the smallest that a Function states. */
  readonly slots: number;
  /** VMs that are kept even when idle: the largest. */
  readonly min: number;
  /** Most VMs: the largest. */
  readonly max: number;
  readonly headroomPercent: number;
  readonly idleAfterMs: number;
}

/** @param functions the application's, at least one */
export function settingsOf(functions: readonly Function[]): ApplicationSettings {
  const scalings = functions.map((fn) => fn.spec.scaling);
  return {
    slots: Math.min(...functions.map((fn) => fn.spec.concurrency)),
    min: Math.max(...scalings.map((scaling) => scaling.min)),
    max: Math.max(...scalings.map((scaling) => scaling.max)),
    headroomPercent: Math.max(...scalings.map((scaling) => scaling.headroom.percent)),
    idleAfterMs: 1000 * Math.max(...scalings.map((scaling) => scaling.idle.afterSeconds)),
  };
}
