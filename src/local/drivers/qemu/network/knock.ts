import { setTimeout as sleep } from 'node:timers/promises';

/**
 * passt sends the first packet of a connection once. One that comes in the moment between the
 * kernel's word and its address, or before a restored guest has sent anything (it is
 * broadcast then, and no guest takes that), hangs; a later one does not.
 */
const AGAIN_MS = [0, 300, 1_500];

/**
 * What `attempt` resolves to first, of one that begins at once and others a moment later each.
 * @param signal ends all of them; so does the first result
 * @throws what the first of them failed with, when all have failed
 */
export async function knock<T>(
  signal: AbortSignal,
  attempt: (signal: AbortSignal) => Promise<T>,
): Promise<T> {
  const over = new AbortController();
  const until = AbortSignal.any([signal, over.signal]);
  const attempts = AGAIN_MS.map(async (ms) => {
    if (ms > 0) await sleep(ms, undefined, { signal: until });
    return attempt(until);
  });
  try {
    return await Promise.any(attempts);
  } catch (error) {
    throw (error as AggregateError).errors[0];
  } finally {
    over.abort();
  }
}
