import type { Function } from '../../api/types.ts';
import { routeOf } from '../../domain/routing/route.ts';
import type { RouteListener, RouteSource } from '../../gateway/gateway.ts';
import type { Informer, InformerEvent } from '../../runtime/kube.ts';
import { isAtLeast } from '../../runtime/resource-version.ts';

/** The routes of all Functions that an informer knows. Changes of one turn of the event loop come together. */
export function routesOf(functions: Informer<Function>): RouteSource {
  let synced = false;
  let scheduled = false;
  /** Whether routes changed since they were last told. */
  let stale = false;
  let version: string | undefined;
  let listener: RouteListener | undefined;

  const tell = (): void => {
    scheduled = false;
    if (stale) listener?.changed(functions.list().flatMap((fn) => routeOf(fn) ?? []));
    stale = false;
    if (version !== undefined) listener?.reached(version);
  };
  functions.on((event) => {
    version = later(version, event.object.metadata.resourceVersion);
    stale ||= isRouting(event);
    if (scheduled) return;
    scheduled = true;
    setImmediate(tell);
  });
  void functions.synced.then(() => {
    tell();
    synced = true;
  });
  return {
    get synced() {
      return synced;
    },
    subscribe(other) {
      listener = other;
      stale = true;
      tell();
    },
  };
}

/** A list tells its objects in any order. */
function later(a: string | undefined, b: string | undefined): string | undefined {
  if (a === undefined || b === undefined) return a ?? b;
  return isAtLeast(a, b) ? a : b;
}

/** A status that changes every second must not rebuild the table every second. */
function isRouting(event: InformerEvent<Function>): boolean {
  if (event.type !== 'updated') return true;
  const { metadata: now } = event.object;
  const { metadata: before } = event.previous;
  return (
    now.generation !== before.generation ||
    now.uid !== before.uid ||
    now.deletionTimestamp !== before.deletionTimestamp
  );
}
