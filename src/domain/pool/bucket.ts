/** Token bucket for creates: filled at `perSecond`, holds a second's worth. */
export interface Bucket {
  readonly tokens: number;
  readonly at: number;
}

export function refill(bucket: Bucket | undefined, perSecond: number, now: number): Bucket {
  if (bucket === undefined) return { tokens: perSecond, at: now };
  const grown = bucket.tokens + (Math.max(0, now - bucket.at) / 1000) * perSecond;
  return { tokens: Math.min(perSecond, grown), at: now };
}

export function take(bucket: Bucket, count: number): Bucket {
  return { ...bucket, tokens: bucket.tokens - count };
}
