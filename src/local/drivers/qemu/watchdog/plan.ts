/** Where a guest's processors were at one moment. */
export type Activity = 'program' | 'kernel' | 'halted';

/** Times in milliseconds of one clock. */
export interface Observation {
  readonly startedAt: number;
  /** When the agent answered last; undefined before the first time. */
  readonly answeredAt: number | undefined;
  /** When the guest was last seen in its program's code. */
  readonly programAt: number | undefined;
  /** What was seen since the later of both, oldest first. */
  readonly since: readonly Exclude<Activity, 'program'>[];
}

export interface WatchdogLimits {
  /** From the start to the first answer. */
  readonly bootMs: number;
  /** Without an answer, and without any code of the program being run. */
  readonly silentMs: number;
}

/** Fewer say nothing: a guest may be seen in its kernel by chance. */
const FEWEST_SAMPLES = 10;

/**
 * Why a guest must be ended, or undefined. A guest that is out of memory livelocks in its
 * kernel without a word, one whose abort fails spins there. A function that computes for long
 * is silent too, but runs its own code: that one is the agent's to end.
 */
export function verdict(
  seen: Observation,
  now: number,
  limits: WatchdogLimits,
): string | undefined {
  const { startedAt, answeredAt, programAt, since } = seen;
  const alive = Math.max(startedAt, answeredAt ?? 0, programAt ?? 0);
  if (now - alive > limits.silentMs && since.length >= FEWEST_SAMPLES) {
    const doing = since.includes('kernel') ? 'it spins in its kernel' : 'it stands still';
    const silent = Math.round((now - (answeredAt ?? startedAt)) / 1000);
    return `no answer for ${silent} s, ${doing}`;
  }
  if (answeredAt === undefined && now - startedAt > limits.bootMs) {
    return `no answer within ${limits.bootMs / 1000} s of its start`;
  }
  return undefined;
}
