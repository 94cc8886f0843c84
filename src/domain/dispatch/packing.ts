/** A VM as the packing sees it. `inFlight` and `listed` are the packing's to write. */
export interface Packable {
  readonly vmId: string;
  readonly slots: number;
  /** Milliseconds since the epoch. */
  readonly boundAt: number;
  inFlight: number;
  /** Gets requests as soon as it has a free slot. */
  listed: boolean;
}

/**
 * Picks of the VMs with a free slot the fullest, of equally full ones the
 * oldest, so that the youngest fall idle when the load falls (rule 4 of the design).
 * VMs lie in one list for each number of requests in flight, oldest first: a
 * pick costs a look at the top and a move to the next list, as long as the first one fits.
 */
export class Packing<V extends Packable> {
  readonly #levels: V[][] = [];
  /** No VM with a free slot lies in a list above this one. */
  #top = 0;

  /** From now on `vm` gets requests. */
  list(vm: V): void {
    if (vm.listed) return;
    vm.listed = true;
    this.#put(vm);
  }

  /** From now on `vm` gets none; what is in flight there goes on. */
  unlist(vm: V): void {
    if (!vm.listed) return;
    this.#pull(vm);
    vm.listed = false;
  }

  /** Takes a slot of the best VM that `fits`. */
  take(fits: (vm: V) => boolean = () => true): V | undefined {
    while (this.#top > 0 && this.#levels[this.#top]?.length === 0) this.#top -= 1;
    for (let level = this.#top; level >= 0; level -= 1) {
      const vm = this.#levels[level]?.find(fits);
      if (vm !== undefined) {
        this.#pull(vm);
        vm.inFlight += 1;
        this.#put(vm);
        return vm;
      }
    }
    return undefined;
  }

  /** Gives a slot back. */
  give(vm: V): void {
    if (vm.listed) this.#pull(vm);
    vm.inFlight -= 1;
    if (vm.listed) this.#put(vm);
  }

  #put(vm: V): void {
    const level = vm.inFlight;
    if (level >= vm.slots) return;
    while (this.#levels.length <= level) this.#levels.push([]);
    const list = this.#levels[level] ?? [];
    list.splice(position(list, vm), 0, vm);
    if (level > this.#top) this.#top = level;
  }

  #pull(vm: V): void {
    if (vm.inFlight >= vm.slots) return;
    const list = this.#levels[vm.inFlight] ?? [];
    const at = position(list, vm);
    if (list[at] === vm) list.splice(at, 1);
  }
}

/** Where `vm` is or belongs: a binary search, since thousands of VMs may be equally full. */
function position<V extends Packable>(list: readonly V[], vm: V): number {
  let low = 0;
  let high = list.length;
  while (low < high) {
    const middle = (low + high) >> 1;
    const other = list[middle];
    if (other !== undefined && isOlder(other, vm)) low = middle + 1;
    else high = middle;
  }
  return low;
}

function isOlder(a: Packable, b: Packable): boolean {
  return a.boundAt === b.boundAt ? a.vmId < b.vmId : a.boundAt < b.boundAt;
}
