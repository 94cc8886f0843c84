/** Where a guest's processors were at one moment. */
export type Activity = 'program' | 'kernel' | 'halted';

export interface Observation {
  /** Milliseconds, of one clock. */
  readonly startedAt: number;
  /** When the agent answered last; undefined before the first time. */
  readonly answeredAt: number | undefined;
  /** Seen since the agent answered last, oldest first. */
  readonly activity: readonly Activity[];
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
  { startedAt, answeredAt, activity }: Observation,
  now: number,
  limits: WatchdogLimits,
): string | undefined {
  if (answeredAt === undefined) {
    if (now - startedAt <= limits.bootMs) return undefined;
    return `no answer within ${limits.bootMs / 1000} s of its start${doing(activity)}`;
  }
  const silent = now - answeredAt;
  if (silent <= limits.silentMs || activity.length < FEWEST_SAMPLES) return undefined;
  if (activity.includes('program')) return undefined;
  return `no answer for ${Math.round(silent / 1000)} s${doing(activity)}`;
}

function doing(activity: readonly Activity[]): string {
  if (activity.length === 0 || activity.includes('program')) return '';
  return activity.includes('kernel') ? ', it spins in its kernel' : ', it stands still';
}
