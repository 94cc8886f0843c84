/** How many VMs were wanted at a time. */
export interface Recommendation {
  /** When it was made; once there is a newer one: until when it was in force. */
  readonly at: number;
  readonly vms: number;
}

/**
 * The largest recommendation of the last `spanMs`, as an HPA stabilises
 * scale-in (autoscaling/v2, stabilizationWindowSeconds).
 * A list that only falls is kept: an older entry that is not larger than a newer one can never count again.
 */
export interface Window {
  /** Since when recommendations rest on complete data. Nothing is known of the time before. */
  readonly since: number;
  readonly entries: readonly Recommendation[];
}

export function addTo(
  window: Window | undefined,
  now: number,
  vms: number,
  spanMs: number,
): Window {
  const before = window?.entries ?? [];
  const entries = before
    // Decisions come at any intervals: the newest was in force until now.
    .map((entry, index) => (index === before.length - 1 ? { ...entry, at: now } : entry))
    .filter((entry) => entry.vms > vms && now - entry.at < spanMs);
  return { since: window?.since ?? now, entries: [...entries, { at: now, vms }] };
}

/** Data are missing at this moment: what is known begins anew. */
export function interrupted(window: Window, now: number): Window {
  return { ...window, since: now };
}

export function largestOf(window: Window): number {
  return window.entries[0]?.vms ?? 0;
}

/** Milliseconds until the largest recommendation leaves the window; 0 when it is the newest one. */
export function nextChangeMs(window: Window, now: number, spanMs: number): number {
  const [first, second] = window.entries;
  return first === undefined || second === undefined ? 0 : Math.max(1, first.at + spanMs - now);
}
