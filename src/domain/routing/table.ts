import { settleClaims } from './claims.ts';
import { hostName, parentDomains } from './host.ts';
import { isOwnHost, OPEN_POLICY, type HostPolicy } from './policy.ts';
import { Prefixes } from './prefixes.ts';
import type { Route } from './route.ts';

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
 * All routes of a gateway. A host that a Function was granted (exact before wildcard, the
 * longest wildcard first) is its namespace's alone where a prefix matches; then comes
 * `/{namespace}/{name}`, which always works; then the prefixes of Functions without hosts, on
 * a host that is owned those of its owner.
 */
export class RoutingTable {
  readonly #direct = new Map<string, Route>();
  readonly #exact = new Map<string, Prefixes>();
  readonly #wildcard = new Map<string, Prefixes>();
  readonly #anyHost = new Prefixes();

  readonly #policy: HostPolicy;

  constructor(routes: readonly Route[], policy: HostPolicy = OPEN_POLICY) {
    this.#policy = policy;
    for (const route of settleClaims(routes, policy).routes) this.#add(route);
  }

  get size(): number {
    return this.#direct.size;
  }

  /** @param path without query, checked by `targetFault` */
  match(host: string, method: string, path: string): Match {
    const owners = this.#ownersOf(host);
    for (const prefixes of owners) {
      const routes = prefixes.find(path);
      if (routes !== undefined) return byMethod(routes, method);
    }
    const direct = this.#ofName(path);
    if (direct !== undefined) return byMethod([direct], method, direct.key.length + 1);
    const open = this.#anyHost.find(path);
    const owner = owners[0]?.namespace;
    if (open === undefined || (owner !== undefined && open[0]?.namespace !== owner)) {
      return unknown(path);
    }
    return byMethod(open, method);
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

  /** Who has the host, the closest claim first: what that leaves is left to its own namespace. */
  #ownersOf(header: string): readonly Prefixes[] {
    if (this.#exact.size === 0 && this.#wildcard.size === 0) return NOBODY;
    const host = hostName(header);
    if (isOwnHost(host, this.#policy)) return NOBODY;
    const exact = this.#exact.get(host);
    if (this.#wildcard.size === 0) return exact === undefined ? NOBODY : [exact];
    const wild = parentDomains(host).map((parent) => this.#wildcard.get(parent));
    const owners = [exact, ...wild].filter((one) => one !== undefined);
    return owners.filter((one) => one.namespace === owners[0]?.namespace);
  }

  #ofName(path: string): Route | undefined {
    const second = path.indexOf('/', path.indexOf('/', 1) + 1);
    return this.#direct.get(second > 1 ? path.slice(1, second) : path.slice(1));
  }
}

const NOBODY: readonly Prefixes[] = [];

function prefixesOf(map: Map<string, Prefixes>, host: string): Prefixes {
  let prefixes = map.get(host);
  if (prefixes === undefined) map.set(host, (prefixes = new Prefixes()));
  return prefixes;
}

/** HEAD is GET without the body (RFC 9110, 9.3.2): who takes one takes the other. */
function byMethod(routes: readonly Route[], method: string, from = 0): Match {
  const route = takerOf(routes, method) ?? (method === 'HEAD' ? takerOf(routes, 'GET') : undefined);
  if (route !== undefined) return { kind: 'found', route, from };
  const allow = new Set(routes.flatMap((route) => route.methods ?? []));
  if (allow.has('GET')) allow.add('HEAD');
  return { kind: 'method', allow: [...allow] };
}

function takerOf(routes: readonly Route[], method: string): Route | undefined {
  return routes.find(({ methods }) => methods?.includes(method) !== false);
}

function unknown(path: string): Match {
  const [, namespace = '', name = ''] = path.split('/', 3);
  const detail =
    name === ''
      ? `No Function answers the path "${path}".`
      : `There is no Function "${name}" in namespace "${namespace}", and no Function answers that path.`;
  return { kind: 'unknown', detail };
}
