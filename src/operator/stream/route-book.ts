import { isAtLeast } from '../../runtime/resource-version.ts';
import type { Subscriber } from './hub.ts';

/** How many gateways are connected, and how many of these do not know a Function yet. */
export interface Routing {
  readonly gateways: number;
  readonly behind: number;
}

/** Up to which change of a Function each connected gateway has its routes. */
export class RouteBook {
  /** Undefined for one that has not said it yet. */
  readonly #versions = new Map<Subscriber, string | undefined>();
  readonly #waiting = new Set<string>();
  readonly #news: (key: string) => void;

  /** @param news called once for each key of {@link await} when any gateway comes, goes or says more */
  constructor(news: (key: string) => void) {
    this.#news = news;
  }

  connected(gateway: Subscriber): void {
    this.#versions.set(gateway, undefined);
    this.#tell();
  }

  disconnected(gateway: Subscriber): void {
    this.#versions.delete(gateway);
    this.#tell();
  }

  /** @throws RangeError for what is no resource version: its sender is not understood */
  reached(gateway: Subscriber, resourceVersion: string): void {
    if (!/^\d+$/.test(resourceVersion)) {
      throw new RangeError(`resourceVersion must be a whole number, got "${resourceVersion}"`);
    }
    this.#versions.set(gateway, resourceVersion);
    this.#tell();
  }

  /** For a Function of this resource version. */
  routingOf(resourceVersion: string): Routing {
    const versions = [...this.#versions.values()];
    const behind = versions.filter((one) => one === undefined || !isAtLeast(one, resourceVersion));
    return { gateways: versions.length, behind: behind.length };
  }

  /** Somebody wants to look again at `key` when there is news. */
  await(key: string): void {
    this.#waiting.add(key);
  }

  #tell(): void {
    const keys = [...this.#waiting];
    this.#waiting.clear();
    for (const key of keys) this.#news(key);
  }
}
