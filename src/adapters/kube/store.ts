import { keyOf, type InformerEvent, type KubeObject } from '../../runtime/kube.ts';

/** Values under which an object is found in an index; none when it does not belong there. */
export type IndexFunction<T> = (object: T) => readonly string[];

/** Objects by key, with indexes kept in step. Every change answers the event that it makes. */
export class Store<T extends KubeObject> {
  readonly #objects = new Map<string, T>();
  readonly #functions: Readonly<Record<string, IndexFunction<T>>>;
  readonly #indexes = new Map<string, Map<string, Set<string>>>();

  constructor(indexes: Readonly<Record<string, IndexFunction<T>>> = {}) {
    this.#functions = indexes;
    for (const name of Object.keys(indexes)) this.#indexes.set(name, new Map());
  }

  get(key: string): T | undefined {
    return this.#objects.get(key);
  }

  list(): readonly T[] {
    return [...this.#objects.values()];
  }

  /** @throws Error for an index that does not exist: a mistake in the program */
  byIndex(index: string, value: string): readonly T[] {
    const entries = this.#indexes.get(index);
    if (entries === undefined) throw new Error(`no index ${index}`);
    const keys = entries.get(value) ?? [];
    return [...keys].flatMap((key) => this.#objects.get(key) ?? []);
  }

  /** Undefined when this version is in the store already (a relist repeats most objects). */
  put(object: T): InformerEvent<T> | undefined {
    const key = keyOf(object);
    const previous = this.#objects.get(key);
    if (previous?.metadata.resourceVersion === object.metadata.resourceVersion && previous) {
      return undefined;
    }
    if (previous !== undefined) this.#unindex(key, previous);
    this.#objects.set(key, object);
    this.#index(key, object);
    return previous === undefined
      ? { type: 'added', object }
      : { type: 'updated', object, previous };
  }

  /** The event carries the last known state when the caller has no newer one. */
  remove(key: string, last?: T): InformerEvent<T> | undefined {
    const previous = this.#objects.get(key);
    if (previous === undefined) return undefined;
    this.#unindex(key, previous);
    this.#objects.delete(key);
    return { type: 'deleted', object: last ?? previous };
  }

  /**
   * Makes the store equal to a full list. An object that was replaced by another
   * of the same name in the meantime gives a deletion and an addition.
   */
  replace(objects: readonly T[]): readonly InformerEvent<T>[] {
    const events: (InformerEvent<T> | undefined)[] = [];
    const present = new Map(objects.map((object) => [keyOf(object), object]));
    for (const [key, old] of [...this.#objects]) {
      const now = present.get(key);
      if (now?.metadata.uid !== old.metadata.uid) events.push(this.remove(key));
    }
    for (const object of objects) events.push(this.put(object));
    return events.filter((event) => event !== undefined);
  }

  #index(key: string, object: T): void {
    for (const [name, values] of this.#valuesOf(object)) {
      for (const value of values) {
        const entries = this.#indexes.get(name);
        const keys = entries?.get(value);
        if (keys === undefined) entries?.set(value, new Set([key]));
        else keys.add(key);
      }
    }
  }

  #unindex(key: string, object: T): void {
    for (const [name, values] of this.#valuesOf(object)) {
      for (const value of values) {
        const keys = this.#indexes.get(name)?.get(value);
        keys?.delete(key);
        if (keys?.size === 0) this.#indexes.get(name)?.delete(value);
      }
    }
  }

  #valuesOf(object: T): [string, readonly string[]][] {
    return Object.entries(this.#functions).map(([name, of]) => [name, of(object)]);
  }
}
