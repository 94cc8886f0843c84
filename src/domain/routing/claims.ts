import { boundNamespaces, covering, isOwnHost, type HostPolicy } from './policy.ts';
import { byAge, type Route } from './route.ts';

/** Why a Function does not get what it claims; it is served by its name all the same. */
export interface ClaimProblem {
  readonly reason: 'HostTaken' | 'HostReserved' | 'HostNotAllowed' | 'PathTaken' | 'RouteConflict';
  /** For the Function's owner. */
  readonly message: string;
}

export interface Claims {
  /** The routes, oldest first, with what each was granted. */
  readonly routes: readonly Route[];
  /** By key of the Function; the first problem of each. */
  readonly problems: ReadonlyMap<string, ClaimProblem>;
}

/** Separates a host from a path, and stands in neither. */
const ANY_HOST = '*';

/**
 * Who gets which host and path: the oldest claim (creation time, then name) owns a host, and whatever a
 * wildcard covers, for its namespace; a path without a host, and all below it, likewise. Within a
 * namespace the longest path wins, and of equal claims the oldest.
 */
export function settleClaims(routes: readonly Route[], policy: HostPolicy): Claims {
  const claims = new Settling(policy);
  const granted = routes.toSorted(byAge).map((route) => claims.grant(route));
  return { routes: granted, problems: claims.problems };
}

class Settling {
  readonly problems = new Map<string, ClaimProblem>();
  readonly #policy: HostPolicy;
  /** Namespace by host or pattern. */
  readonly #owners = new Map<string, string>();
  /** Namespace by path, of claims without a host. */
  readonly #paths = new Map<string, string>();
  /** Routes by host and path. */
  readonly #equal = new Map<string, Route[]>();

  constructor(policy: HostPolicy) {
    this.#policy = policy;
  }

  grant(route: Route): Route {
    const { hosts, prefix } = route;
    if (prefix === undefined) return route;
    if (hosts === undefined) return this.#grantPath(route, prefix);
    const granted = hosts.filter((host) => {
      const problem = this.#hostProblem(host, route.namespace);
      if (problem !== undefined) this.#note(route, problem);
      else this.#owners.set(host, route.namespace);
      return problem === undefined;
    });
    for (const host of granted) this.#compare(route, host, prefix);
    return granted.length > 0 ? { ...route, hosts: granted } : byNameOnly(route);
  }

  #hostProblem(host: string, namespace: string): ClaimProblem | undefined {
    if (isOwnHost(host, this.#policy)) {
      return { reason: 'HostReserved', message: `host ${host} is the gateway's own` };
    }
    const bound = boundNamespaces(host, this.#policy);
    if (bound !== undefined && !bound.includes(namespace)) {
      const message = `host ${host} is not for Functions of namespace ${namespace}`;
      return { reason: 'HostNotAllowed', message };
    }
    for (const pattern of covering(host)) {
      const owner = this.#owners.get(pattern);
      if (owner === undefined || owner === namespace) continue;
      const message = `host ${host} belongs to namespace ${owner}, whose claim of ${pattern} is older`;
      return { reason: 'HostTaken', message };
    }
    return undefined;
  }

  #grantPath(route: Route, prefix: string): Route {
    for (let above = prefix; ; above = above.slice(0, above.lastIndexOf('/'))) {
      const owner = this.#paths.get(above);
      if (owner !== undefined && owner !== route.namespace) {
        const message = `path ${prefix || '/'} belongs to namespace ${owner}, whose claim of ${above || '/'} is older`;
        this.#note(route, { reason: 'PathTaken', message });
        return byNameOnly(route);
      }
      if (above === '') break;
    }
    this.#paths.set(prefix, route.namespace);
    this.#compare(route, ANY_HOST, prefix);
    return route;
  }

  /** Of two Functions with the same claim the older is served, and the other says so. */
  #compare(route: Route, host: string, prefix: string): void {
    const place = `${host} ${prefix}`;
    const others = this.#equal.get(place) ?? [];
    const other = others.find((one) => methodsMeet(one, route));
    if (other !== undefined) {
      const what = host === ANY_HOST ? `path ${prefix || '/'}` : `${host}${prefix || '/'}`;
      const message = `${what} is answered by the older Function ${other.name}`;
      this.#note(route, { reason: 'RouteConflict', message });
    }
    this.#equal.set(place, [...others, route]);
  }

  #note({ key }: Route, problem: ClaimProblem): void {
    if (!this.problems.has(key)) this.problems.set(key, problem);
  }
}

function methodsMeet(a: Route, b: Route): boolean {
  return a.methods?.some((method) => b.methods?.includes(method) !== false) !== false;
}

function byNameOnly(route: Route): Route {
  return { ...route, hosts: undefined, prefix: undefined };
}
