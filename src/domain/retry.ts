const FIRST_MS = 5_000;
const LONGEST_MS = 300_000;

/**
 * Pause before what failed is tried again: doubled with each failure in a row up to five minutes, and of
 * that between the half and all, so that what failed together does not come back together.
 * @param failures in a row before this one
 * @param random from 0 to 1
 */
export function retryMs(failures: number, random: number): number {
  const most = Math.min(LONGEST_MS, FIRST_MS * 2 ** Math.min(failures, 30));
  return most * (1 - random / 2);
}
