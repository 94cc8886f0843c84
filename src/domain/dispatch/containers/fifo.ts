/** Something that can stand in one {@link Fifo} at a time. The links are the queue's. */
export interface Queued<T> {
  next: T | undefined;
  previous: T | undefined;
  queued: boolean;
}

/** First in, first out; whoever leaves in the middle costs nothing, whoever comes back stands in front. */
export class Fifo<T extends Queued<T>> {
  #first: T | undefined;
  #last: T | undefined;
  #length = 0;

  get first(): T | undefined {
    return this.#first;
  }

  get length(): number {
    return this.#length;
  }

  push(item: T): void {
    item.queued = true;
    item.previous = this.#last;
    item.next = undefined;
    if (this.#last === undefined) this.#first = item;
    else this.#last.next = item;
    this.#last = item;
    this.#length += 1;
  }

  /** Puts an item before the first one that `isLater`: who waited already keeps its turn. */
  restore(item: T, isLater: (other: T) => boolean): void {
    let after = this.#first;
    while (after !== undefined && !isLater(after)) after = after.next;
    if (after === undefined) {
      this.push(item);
      return;
    }
    item.queued = true;
    item.next = after;
    item.previous = after.previous;
    if (after.previous === undefined) this.#first = item;
    else after.previous.next = item;
    after.previous = item;
    this.#length += 1;
  }

  remove(item: T): void {
    if (!item.queued) return;
    item.queued = false;
    if (item.previous === undefined) this.#first = item.next;
    else item.previous.next = item.next;
    if (item.next === undefined) this.#last = item.previous;
    else item.next.previous = item.previous;
    item.next = undefined;
    item.previous = undefined;
    this.#length -= 1;
  }
}
