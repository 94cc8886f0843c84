/** VMs that an application should have and no generic VM could give. */
interface Missing {
  readonly pool: string;
  readonly vms: number;
}

/** How many VMs applications wait for: what their pools must make beyond what they keep warm. */
export class Backlog {
  readonly #missing = new Map<string, Missing>();

  of(application: string): number {
    return this.#missing.get(application)?.vms ?? 0;
  }

  ofPool(pool: string): number {
    let sum = 0;
    for (const missing of this.#missing.values()) if (missing.pool === pool) sum += missing.vms;
    return sum;
  }

  /** Answers whether that is another number than before. */
  set(application: string, pool: string, vms: number): boolean {
    const before = this.of(application);
    if (vms > 0) this.#missing.set(application, { pool, vms });
    else this.#missing.delete(application);
    return before !== vms;
  }

  /** Nothing is waited for any more. Answers the pool, if something was. */
  drop(application: string): string | undefined {
    const pool = this.#missing.get(application)?.pool;
    this.#missing.delete(application);
    return pool;
  }

  /** The applications that wait for VMs of the pool: where requests wait longest first. */
  ranked(pool: string, oldestWaitMs: (application: string) => number): readonly string[] {
    return [...this.#missing]
      .filter(([, missing]) => missing.pool === pool)
      .map(([application]) => ({ application, waitMs: oldestWaitMs(application) }))
      .toSorted((a, b) => b.waitMs - a.waitMs)
      .map(({ application }) => application);
  }
}
