import { Fifo, type Queued } from './fifo.ts';

/** Waits for a VM that holds its function. */
export interface WaitsForFunction<T> extends Queued<T> {
  readonly functionName: string;
  readonly arrivedAt: number;
}

/** Who waits, in a queue for each function: behind one that no VM holds yet, nobody waits who could be served. */
export class Queues<T extends WaitsForFunction<T>> {
  readonly #queues = new Map<string, Fifo<T>>();
  #length = 0;

  get length(): number {
    return this.#length;
  }

  /** Who came first, of all. */
  get first(): T | undefined {
    return this.heads()[0];
  }

  /** The first of each function, who came first in front. */
  heads(): T[] {
    const heads = [...this.#queues.values()].flatMap((queue) => queue.first ?? []);
    return heads.length > 1 ? heads.sort((a, b) => a.arrivedAt - b.arrivedAt) : heads;
  }

  firstOf(functionName: string): T | undefined {
    return this.#queues.get(functionName)?.first;
  }

  /** How many wait for each function. */
  counts(): { readonly function: string; readonly waiting: number }[] {
    return [...this.#queues].map(([name, { length }]) => ({ function: name, waiting: length }));
  }

  push(item: T): void {
    this.#queueOf(item).push(item);
    this.#length += 1;
  }

  /** Puts an item at the place that its arrival gives it. */
  restore(item: T): void {
    this.#queueOf(item).restore(item, (other) => other.arrivedAt > item.arrivedAt);
    this.#length += 1;
  }

  remove(item: T): void {
    const queue = this.#queues.get(item.functionName);
    if (!item.queued || queue === undefined) return;
    queue.remove(item);
    this.#length -= 1;
    if (queue.length === 0) this.#queues.delete(item.functionName);
  }

  #queueOf({ functionName }: T): Fifo<T> {
    const queue = this.#queues.get(functionName) ?? new Fifo<T>();
    this.#queues.set(functionName, queue);
    return queue;
  }
}
