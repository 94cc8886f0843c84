/** Conditions as the Kubernetes API conventions describe them. */
export interface Condition {
  readonly type: string;
  readonly status: 'True' | 'False' | 'Unknown';
  readonly reason: string;
  readonly message: string;
  readonly observedGeneration?: number;
  /** RFC 3339, seconds. */
  readonly lastTransitionTime: string;
}

/** What a controller states; the time of the last transition follows from what stood there. */
export type Statement = Omit<Condition, 'lastTransitionTime' | 'observedGeneration'>;

/**
 * The conditions after `statements` were made: `lastTransitionTime` moves only
 * when the status of a type changes. Types that are no longer stated go.
 * @param now milliseconds since the epoch
 */
export function transition(
  before: readonly Condition[],
  statements: readonly Statement[],
  generation: number,
  now: number,
): Condition[] {
  return statements.map((statement) => {
    const old = before.find((condition) => condition.type === statement.type);
    const same = old?.status === statement.status;
    return {
      ...statement,
      observedGeneration: generation,
      lastTransitionTime: same ? old.lastTransitionTime : timeOf(now),
    };
  });
}

/** RFC 3339 with seconds, as the API server prints times. */
export function timeOf(ms: number): string {
  return new Date(ms).toISOString().replace(/\.\d+Z$/, 'Z');
}
