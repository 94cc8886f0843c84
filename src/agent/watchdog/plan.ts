/** What the watchdog's thread must know; sent once, when the VM is bound. */
export interface WatchPlan {
  readonly functions: readonly { readonly name: string; readonly timeoutMs: number }[];
  /** Milliseconds for which the event loop may stand still while nothing is invoked. */
  readonly idleMs: number;
  /** Milliseconds beyond the longest timeout of what runs. */
  readonly graceMs: number;
}

/** Layout of the memory that both threads share, in Int32. */
export const BEAT = 0;
/** Never changes: to wait on it is to sleep. */
export const SLEEP = 1;
/** From here on, per function, how many of its invocations run. */
export const RUNNING = 2;

/** As many functions as a bind may have. */
export const SHARED_BYTES = (RUNNING + 1000) * Int32Array.BYTES_PER_ELEMENT;

/** Milliseconds for which the event loop may stand still now, and what runs, for the log. */
export function allowance(
  plan: WatchPlan,
  running: (index: number) => number,
): { readonly ms: number; readonly running: Readonly<Record<string, number>> } {
  const counts: Record<string, number> = {};
  let longest = 0;
  plan.functions.forEach(({ name, timeoutMs }, index) => {
    const count = running(index);
    if (count > 0) {
      counts[name] = count;
      longest = Math.max(longest, timeoutMs);
    }
  });
  return { ms: (longest === 0 ? plan.idleMs : longest) + plan.graceMs, running: counts };
}
