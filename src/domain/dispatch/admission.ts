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

/** Whether one more request may wait, or which bound says no. */
export function queueRefusal(
  waiting: { readonly count: number; readonly bytes: number },
  held: number,
  bounds: QueueBounds,
): string | undefined {
  if (waiting.count >= bounds.count) {
    return `${waiting.count} requests wait for this application already.`;
  }
  if (waiting.bytes + held > bounds.bytes) {
    return `Waiting requests hold ${waiting.bytes} bytes already.`;
  }
  return undefined;
}
