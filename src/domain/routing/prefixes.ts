import type { Route } from './route.ts';

/** The routes of one host by path prefix; `find` gives those of the longest prefix. */
export class Prefixes {
  readonly #byPrefix = new Map<string, Route[]>();
  #longest = 0;
  #namespace: string | undefined;

  /** Whose the host is; all its routes are of one namespace. Undefined without routes. */
  get namespace(): string | undefined {
    return this.#namespace;
  }

  /** Add the older of two routes first. */
  add(prefix: string, route: Route): void {
    const routes = this.#byPrefix.get(prefix);
    if (routes === undefined) this.#byPrefix.set(prefix, [route]);
    else routes.push(route);
    this.#namespace = route.namespace;
    this.#longest = Math.max(this.#longest, prefix.length);
  }

  /** Prefixes end where segments end: `/a` is one of `/a/b`, not of `/ab`. */
  find(path: string): readonly Route[] | undefined {
    let candidate = path.slice(0, this.#longest + 1);
    // A cut inside a segment is no prefix of whole segments.
    if (candidate.length < path.length || candidate.endsWith('/')) {
      candidate = candidate.slice(0, Math.max(0, candidate.lastIndexOf('/')));
    }
    for (;;) {
      const routes = this.#byPrefix.get(candidate);
      if (routes !== undefined || candidate === '') return routes;
      candidate = candidate.slice(0, candidate.lastIndexOf('/'));
    }
  }
}
