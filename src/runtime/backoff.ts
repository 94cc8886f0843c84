export interface BackoffPolicy {
  readonly baseMs: number;
  readonly maxMs: number;
}

/**
 * Exponential back-off with full-range jitter of a quarter: `base · 2^failures`,
 * at most `max`, times 0.75 to 1.
 * @param failures how often it failed before, from 0
 * @param random a number in [0, 1)
 */
export function backoffMs(policy: BackoffPolicy, failures: number, random: number): number {
  const exponential = policy.baseMs * 2 ** Math.min(failures, 30);
  return Math.min(exponential, policy.maxMs) * (0.75 + 0.25 * random);
}
