/** Knows its place in a {@link Roster}; the roster's to write. */
export interface Rostered {
  place: number;
}

/**
 * A set without order in which adding and removing cost nothing and leave nothing
 * behind. A `Set` would do, but its outgrown tables hang together in the old
 * generation and keep every request alive until the next full collection.
 */
export class Roster<T extends Rostered> {
  readonly #items: T[] = [];

  get size(): number {
    return this.#items.length;
  }

  add(item: T): void {
    item.place = this.#items.length;
    this.#items.push(item);
  }

  /** Does nothing for an item that is not in it. */
  delete(item: T): void {
    if (this.#items[item.place] !== item) return;
    const last = this.#items.pop();
    if (last === undefined || last === item) return;
    this.#items[item.place] = last;
    last.place = item.place;
  }

  /** Calls back with each item; the callback may remove any. */
  forEach(visit: (item: T) => void): void {
    for (let index = this.#items.length - 1; index >= 0; index -= 1) {
      const item = this.#items[index];
      if (item !== undefined) visit(item);
    }
  }
}
