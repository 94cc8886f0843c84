import type { Function } from '../../api/types.ts';
import { keyOf } from '../../runtime/kube.ts';
import type { ResolvedFunction } from '../bind/bundle.ts';
import { referencesOf } from '../sources/references.ts';
import type { Resolve } from '../sources/resolve.ts';
import type { ReferencedObjects } from './references.ts';

interface Read {
  /** All that the source depends on, as it was when the reading began. */
  readonly from: string;
  readonly resolved: ResolvedFunction;
}

/** Sources as they were read last: read again only when the Function or an object that it names has changed. */
export class Sources {
  readonly #resolve: Resolve;
  readonly #objects: ReferencedObjects;
  readonly #read = new Map<string, Read>();

  constructor(resolve: Resolve, objects: ReferencedObjects) {
    this.#resolve = resolve;
    this.#objects = objects;
  }

  /** The very same answer as before while nothing has changed. @throws what {@link Resolve} throws */
  async of(fn: Function): Promise<ResolvedFunction> {
    const key = keyOf(fn);
    const from = this.#versionsOf(fn);
    const read = this.#read.get(key);
    if (read?.from === from) return read.resolved;
    this.#read.delete(key);
    const resolved = await this.#resolve(fn);
    this.#read.set(key, { from, resolved });
    return resolved;
  }

  forget(key: string): void {
    this.#read.delete(key);
  }

  #versionsOf(fn: Function): string {
    const { uid, generation } = fn.metadata;
    const versions = referencesOf(fn).map(
      ({ kind, key }) => this.#objects[kind].get(key)?.metadata.resourceVersion,
    );
    return JSON.stringify([uid, generation, ...versions]);
  }
}
