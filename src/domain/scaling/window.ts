/** How many VMs were wanted at a time. */
export interface Recommendation {
  readonly at: number;
  readonly vms: number;
}

/**
 * The largest recommendation of the last `spanMs`, as an HPA stabilises
 * scale-in (autoscaling/v2, stabilizationWindowSeconds).
 * A list that only falls is kept: an older entry that is not larger than a newer one can never count again.
 */
export interface Window {
  /** When the first recommendation was made. Nothing is known of the time before. */
  readonly since: number;
  readonly entries: readonly Recommendation[];
}

export function addTo(
  window: Window | undefined,
  now: number,
  vms: number,
  spanMs: number,
): Window {
  const entries = (window?.entries ?? []).filter(
    (entry) => entry.vms > vms && now - entry.at < spanMs,
  );
  return { since: window?.since ?? now, entries: [...entries, { at: now, vms }] };
}

export function largestOf(window: Window): number {
  return window.entries[0]?.vms ?? 0;
}

/** Milliseconds until the largest recommendation leaves the window; 0 when it is the newest one. */
export function nextChangeMs(window: Window, now: number, spanMs: number): number {
  const [first, second] = window.entries;
  return first === undefined || second === undefined ? 0 : Math.max(1, first.at + spanMs - now);
}
