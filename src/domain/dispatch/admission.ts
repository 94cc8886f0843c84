export interface QueueBounds {
  /** Requests that wait for one application. */
  readonly count: number;
  /** Bytes that waiting requests of all applications hold. */
  readonly bytes: number;
}

/** Node reads at most this much of a body ahead of whoever consumes it. */
const READ_AHEAD = 64 * 1024;

/**
 * Bytes that a waiting request keeps in memory: its head, and as much of its body
 * as the socket has read ahead.
 * @param bodyBytes declared length, -1 when chunked
 */
export function heldBytes(headBytes: number, bodyBytes: number): number {
  return headBytes + (bodyBytes < 0 ? READ_AHEAD : Math.min(bodyBytes, READ_AHEAD));
}

/** What waits at a moment. */
export interface Waiting {
  /** Requests of the application. */
  readonly count: number;
  /** Bytes that they hold. */
  readonly bytes: number;
  /** Bytes that waiting requests of all applications hold. */
  readonly allBytes: number;
}

/**
 * An application may hold this many times what would be left free. One that floods alone gets a
 * half of all bytes, a second one beside it a half of the rest; once queues move, `n` of them
 * get a share of 1/(n + 1) each, and another one always finds room.
 */
const ALPHA = 1;

/**
 * Whether one more request may wait, or which bound says no. Bytes are shared by dynamic
 * thresholds: Choudhury and Hahne, "Dynamic queue length thresholds for shared-memory packet
 * switches", IEEE/ACM Transactions on Networking 6 (2), 1998.
 * @param held bytes that the request would hold
 */
export function queueRefusal(
  waiting: Waiting,
  held: number,
  bounds: QueueBounds,
): string | undefined {
  if (waiting.count >= bounds.count) return 'Too many requests wait for this application already.';
  const free = bounds.bytes - waiting.allBytes - held;
  if (waiting.bytes + held > ALPHA * free) {
    return 'Waiting requests hold too many bytes already.';
  }
  return undefined;
}
