import { randomFillSync } from 'node:crypto';

const TRACE_BYTES = 16;
const SPAN_BYTES = 8;
const POOL = Buffer.allocUnsafe(4096 * (TRACE_BYTES + SPAN_BYTES));
let used = POOL.length;

/** `bytes` random bytes in hexadecimal; they are drawn in advance, many at a time. */
function randomHex(bytes: number): string {
  if (used + bytes > POOL.length) {
    randomFillSync(POOL);
    used = 0;
  }
  const hex = POOL.toString('hex', used, used + bytes);
  used += bytes;
  return hex;
}

export function newTraceId(): string {
  return randomHex(TRACE_BYTES);
}

/** A W3C `traceparent` that begins a trace here. */
export function newTraceparent(traceId: string): string {
  return `00-${traceId}-${randomHex(SPAN_BYTES)}-01`;
}

export function isTraceparent(value: string): boolean {
  return /^(?!ff)[0-9a-f]{2}-(?!0{32})[0-9a-f]{32}-(?!0{16})[0-9a-f]{16}-[0-9a-f]{2}(-|$)/.test(
    value,
  );
}

/** Printable, without quotes or spaces, of a length that fits into logs. */
export function isRequestId(value: string): boolean {
  return /^[A-Za-z0-9._~+/=:@-]{1,128}$/.test(value);
}
