import { backoffMs } from '../../runtime/backoff.ts';
import type { Clock } from '../../runtime/clock.ts';
import {
  keyOf,
  type Informer,
  type InformerEvent,
  type KubeClient,
  type KubeObject,
  type Resource,
} from '../../runtime/kube.ts';
import type { Logger } from '../../runtime/log.ts';
import { KubeError } from './error.ts';
import { Store, type IndexFunction } from './store.ts';
import type { Transport } from './transport.ts';
import { watch, type WatchEvent } from './watch.ts';

export interface InformerOptions<T> {
  readonly resource: Resource;
  readonly namespace?: string;
  readonly labelSelector?: string;
  /** What the objects hold is neither asked for nor kept: only which there are, and their versions. */
  readonly metadataOnly?: boolean;
  readonly indexes?: Readonly<Record<string, IndexFunction<T>>>;
  readonly transport: Transport;
  readonly client: KubeClient;
  readonly clock: Clock;
  readonly log: Logger;
}

const BACKOFF = { baseMs: 100, maxMs: 10_000 };
/** Watches end after 5 to 10 minutes, spread so that they do not all end together. */
const WATCH_SECONDS = 300;
/** A watch that ends sooner, without an event, was cut by something in between. */
const SHORT_MS = 1_000;

/**
 * List, then watch from there, for ever. What client-node's informer stops on (any
 * error but 410) is retried here with back-off; a watch whose version is too old
 * (etcd compacted) lists again, and the difference to the cache becomes events,
 * so that a deletion during an outage is seen too.
 */
export class WatchingInformer<T extends KubeObject> implements Informer<T> {
  readonly synced: Promise<void>;
  readonly #options: InformerOptions<T>;
  readonly #store: Store<T>;
  readonly #handlers: ((event: InformerEvent<T>) => void)[] = [];
  readonly #log: Logger;
  #markSynced: () => void = () => undefined;
  /** Where the next watch begins; empty when a list must come first. */
  #version = '';
  #failures = 0;
  #filled = false;
  #problem: string | undefined;
  /** The version of the last list was too old, and no event has come since. */
  #expired = false;

  constructor(options: InformerOptions<T>) {
    this.#options = options;
    this.#store = new Store(options.indexes);
    this.#log = options.log.child({ informer: options.resource.plural });
    this.synced = new Promise((resolve) => (this.#markSynced = resolve));
  }

  get problem(): string | undefined {
    return this.#problem;
  }

  get(key: string): T | undefined {
    return this.#store.get(key);
  }

  list(): readonly T[] {
    return this.#store.list();
  }

  byIndex(index: string, value: string): readonly T[] {
    return this.#store.byIndex(index, value);
  }

  on(handler: (event: InformerEvent<T>) => void): void {
    this.#handlers.push(handler);
  }

  start(signal: AbortSignal): void {
    void this.#run(signal);
  }

  async #run(signal: AbortSignal): Promise<void> {
    while (!signal.aborted) {
      try {
        if (this.#version === '') await this.#list(signal);
        await this.#watch(signal);
      } catch (error) {
        await this.#recover(error, signal);
      }
    }
  }

  async #list(signal: AbortSignal): Promise<void> {
    const { client, resource, namespace, labelSelector, metadataOnly = false } = this.#options;
    const scope = {
      metadataOnly,
      ...(namespace === undefined ? {} : { namespace }),
      ...(labelSelector === undefined ? {} : { labelSelector }),
    };
    const { items, resourceVersion } = await client.list(resource, scope, signal);
    const kept = (items as readonly T[]).map((item) => this.#kept(item));
    for (const event of this.#store.replace(kept)) this.#emit(event);
    this.#version = resourceVersion;
    this.#filled = true;
    this.#problem = undefined;
    this.#markSynced();
  }

  async #watch(signal: AbortSignal): Promise<void> {
    const { transport, resource, namespace, labelSelector, metadataOnly } = this.#options;
    const timeoutSeconds = Math.round(WATCH_SECONDS * (1 + Math.random()));
    const scope = { resource, namespace, labelSelector, metadataOnly };
    const from = { ...scope, resourceVersion: this.#version };
    const began = this.#options.clock.now();
    let events = 0;
    for await (const event of watch<T>(transport, { ...from, timeoutSeconds }, signal)) {
      this.#failures = 0;
      this.#expired = false;
      events += 1;
      this.#apply(event);
    }
    // Without this a proxy that closes every watch at once would be asked without a pause.
    if (events === 0 && this.#options.clock.now() - began < SHORT_MS) {
      throw new Error('the watch ended as soon as it began');
    }
  }

  #apply({ type, object: seen }: WatchEvent<T>): void {
    const object = this.#kept(seen);
    this.#version = object.metadata.resourceVersion ?? this.#version;
    if (type === 'BOOKMARK') return;
    const change =
      type === 'DELETED' ? this.#store.remove(keyOf(object), object) : this.#store.put(object);
    if (change !== undefined) this.#emit(change);
  }

  /** Annotations may repeat what the object holds, and the list of its managers is longer than all else. */
  #kept(object: T): T {
    if (this.#options.metadataOnly !== true) return object;
    const { name, namespace, uid, resourceVersion } = object.metadata;
    return { metadata: { name, namespace, uid, resourceVersion } } as T;
  }

  /** A handler that throws must not end the watch for all others. */
  #emit(event: InformerEvent<T>): void {
    for (const handler of this.#handlers) {
      try {
        handler(event);
      } catch (error) {
        this.#log.error('handler failed', { key: keyOf(event.object), error });
      }
    }
  }

  async #recover(error: unknown, signal: AbortSignal): Promise<void> {
    if (signal.aborted) return;
    if (error instanceof KubeError && error.status === 410) {
      this.#version = '';
      this.#log.debug('watch expired, listing again');
      // At once; but versions that are too old again and again need a pause.
      const again = this.#expired;
      this.#expired = true;
      if (!again) return;
    }
    if (!this.#filled) this.#problem = this.#problemOf(error);
    const pauseMs = backoffMs(BACKOFF, this.#failures, Math.random());
    const retryMs = Math.round(Math.max(pauseMs, askedPauseMs(error)));
    this.#failures += 1;
    if (isBusy(error)) {
      this.#log.info('the API server asks to wait', { retryMs });
    } else {
      if (mayBeOfAnotherEtcd(error)) this.#version = '';
      const { problem } = this;
      this.#log.warn('watch interrupted', { ...(problem && { problem }), error, retryMs });
    }
    await this.#options.clock.sleep(retryMs, signal).catch(() => undefined);
  }

  #problemOf(error: unknown): string {
    const { plural, group } = this.#options.resource;
    const definition = group === '' ? plural : `${plural}.${group}`;
    const missing = error instanceof KubeError && error.status === 404;
    const why = error instanceof KubeError ? ` (${error.reason})` : '';
    return `${definition}: ${missing ? 'not defined in this cluster' : `not listed yet${why}`}`;
  }
}

/** No failure: its cache of a new definition is not filled yet, or it has much to do. */
function isBusy(error: unknown): error is KubeError {
  return error instanceof KubeError && error.status === 429;
}

function askedPauseMs(error: unknown): number {
  return isBusy(error) ? (error.retryAfterMs ?? 0) : 0;
}

/** Anything but a cut connection may mean that the version is of another etcd: list again. */
function mayBeOfAnotherEtcd(error: unknown): boolean {
  return error instanceof SyntaxError || (error instanceof KubeError && error.status !== 0);
}
