/** How long a VM gets no requests, by the failures that it had in a row. Milliseconds. */
const LADDER = [100, 1_000, 10_000] as const;
const LAST = 10_000;

/** @param strikes failures in a row, from 1 */
export function quarantineMs(strikes: number): number {
  return LADDER[strikes - 1] ?? LAST;
}

const FULL_BASE_MS = 20;
const FULL_MAX_MS = 1_000;

/**
 * How long a VM counts as full after it said so although this gateway saw a free slot:
 * another gateway has it. @param refusals of that kind in a row, from 1
 */
export function fullMs(refusals: number): number {
  return Math.min(FULL_BASE_MS * 2 ** Math.min(refusals - 1, 10), FULL_MAX_MS);
}
