import type { Function } from '../../api/types.ts';
import { routeOf, type Route } from '../../domain/routing/route.ts';
import type { RouteSource } from '../../gateway/gateway.ts';
import type { Informer, InformerEvent } from '../../runtime/kube.ts';

/** The routes of all Functions that an informer knows. Changes of one turn of the event loop come together. */
export function routesOf(functions: Informer<Function>): RouteSource {
  let synced = false;
  let scheduled = false;
  let changed: (routes: readonly Route[]) => void = () => undefined;

  const publish = (): void => {
    scheduled = false;
    changed(functions.list().flatMap((fn) => routeOf(fn) ?? []));
  };
  const schedule = (): void => {
    if (scheduled) return;
    scheduled = true;
    setImmediate(publish);
  };
  functions.on((event) => {
    if (isRouting(event)) schedule();
  });
  void functions.synced.then(() => {
    publish();
    synced = true;
  });
  return {
    get synced() {
      return synced;
    },
    subscribe(callback) {
      changed = callback;
      publish();
    },
  };
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
