import { hostName, parentDomains } from './host.ts';
import { Prefixes } from './prefixes.ts';
import { byAge, type Route } from './route.ts';

export type Match =
  | {
      readonly kind: 'found';
      readonly route: Route;
      /** Index in the path where the function's part begins. */
      readonly from: number;
    }
  | { readonly kind: 'method'; readonly allow: readonly string[] }
  | { readonly kind: 'unknown'; readonly detail: string };

/**
 * All routes of a gateway. A host that a Function asked for (exact before wildcard, the
 * longest wildcard first) is that Function's alone where its prefix matches;
 * then comes `/{namespace}/{name}`; then the prefixes of Functions without hosts.
 */
export class RoutingTable {
  readonly #direct = new Map<string, Route>();
  readonly #exact = new Map<string, Prefixes>();
  readonly #wildcard = new Map<string, Prefixes>();
  readonly #anyHost = new Prefixes();

  constructor(routes: readonly Route[]) {
    for (const route of routes.toSorted(byAge)) this.#add(route);
  }

  get size(): number {
    return this.#direct.size;
  }

  /** @param path without query, checked by `targetFault` */
  match(host: string, method: string, path: string): Match {
    const owned = this.#ofHost(host, path);
    if (owned !== undefined) return byMethod(owned, method);
    const direct = this.#ofName(path);
    if (direct !== undefined) return byMethod([direct], method, direct.key.length + 1);
    const open = this.#anyHost.find(path);
    return open === undefined ? unknown(path) : byMethod(open, method);
  }

  #add(route: Route): void {
    this.#direct.set(route.key, route);
    const { hosts, prefix } = route;
    if (prefix === undefined) return;
    if (hosts === undefined) this.#anyHost.add(prefix, route);
    for (const host of hosts ?? []) {
      if (host.startsWith('*.')) prefixesOf(this.#wildcard, host.slice(2)).add(prefix, route);
      else prefixesOf(this.#exact, host).add(prefix, route);
    }
  }

  #ofHost(header: string, path: string): readonly Route[] | undefined {
    if (this.#exact.size === 0 && this.#wildcard.size === 0) return undefined;
    const host = hostName(header);
    const exact = this.#exact.get(host)?.find(path);
    if (exact !== undefined || this.#wildcard.size === 0) return exact;
    for (const parent of parentDomains(host)) {
      const routes = this.#wildcard.get(parent)?.find(path);
      if (routes !== undefined) return routes;
    }
    return undefined;
  }

  #ofName(path: string): Route | undefined {
    const second = path.indexOf('/', path.indexOf('/', 1) + 1);
    return this.#direct.get(second > 1 ? path.slice(1, second) : path.slice(1));
  }
}

function prefixesOf(map: Map<string, Prefixes>, host: string): Prefixes {
  let prefixes = map.get(host);
  if (prefixes === undefined) map.set(host, (prefixes = new Prefixes()));
  return prefixes;
}

function byMethod(routes: readonly Route[], method: string, from = 0): Match {
  for (const route of routes) {
    if (route.methods?.includes(method) !== false) return { kind: 'found', route, from };
  }
  return { kind: 'method', allow: [...new Set(routes.flatMap((route) => route.methods ?? []))] };
}

function unknown(path: string): Match {
  const [, namespace = '', name = ''] = path.split('/', 3);
  const detail =
    name === ''
      ? `No Function answers the path "${path}".`
      : `There is no Function "${name}" in namespace "${namespace}", and no Function answers that path.`;
  return { kind: 'unknown', detail };
}
