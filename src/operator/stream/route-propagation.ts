import { isAtLeast } from '../../runtime/resource-version.ts';
import type { Subscriber } from './endpoint-publisher.ts';

/** How many gateways are connected, and the names of those that do not know a Function yet. */
export interface Routing {
  readonly gateways: number;
  readonly behind: readonly string[];
}

/** Up to which change of a Function each connected gateway has its routes. */
export class RoutePropagation {
  /** Undefined for one that has not said it yet. */
  readonly #versions = new Map<Subscriber, string | undefined>();
  /** Version of the Function by its key. */
  readonly #waiting = new Map<string, string>();
  readonly #news: (key: string) => void;

  /** @param news called once for each {@link await}, when what {@link routingOf} answers is another */
  constructor(news: (key: string) => void) {
    this.#news = news;
  }

  connected(gateway: Subscriber): void {
    this.#versions.set(gateway, undefined);
    this.#tell(() => true);
  }

  disconnected(gateway: Subscriber): void {
    this.#versions.delete(gateway);
    this.#tell(() => true);
  }

  /** @throws RangeError for what is no resource version: its sender is not understood */
  reached(gateway: Subscriber, resourceVersion: string): void {
    if (!/^\d+$/.test(resourceVersion)) {
      throw new RangeError(`resourceVersion must be a whole number, got "${resourceVersion}"`);
    }
    const before = this.#versions.get(gateway);
    this.#versions.set(gateway, resourceVersion);
    this.#tell((version) => !knows(before, version) && knows(resourceVersion, version));
  }

  /** For a Function of this resource version. */
  routingOf(resourceVersion: string): Routing {
    const behind = [...this.#versions].filter(([, reached]) => !knows(reached, resourceVersion));
    const names = behind.map(([gateway]) => gateway.name).toSorted();
    return { gateways: this.#versions.size, behind: names };
  }

  /** Whoever looks after the Function `key` wants to look again when there is news of this version. */
  await(key: string, resourceVersion: string): void {
    this.#waiting.set(key, resourceVersion);
  }

  /** Nobody looks after the Function `key` any more. */
  forget(key: string): void {
    this.#waiting.delete(key);
  }

  #tell(isNews: (version: string) => boolean): void {
    const keys = [...this.#waiting].flatMap(([key, version]) => (isNews(version) ? [key] : []));
    for (const key of keys) this.#waiting.delete(key);
    for (const key of keys) this.#news(key);
  }
}

function knows(reached: string | undefined, version: string): boolean {
  return reached !== undefined && isAtLeast(reached, version);
}
