/** What waits for the end of this turn of the event loop. */
let waiting: (() => void)[] = [];

/**
 * Sends at the end of this turn of the event loop, when all that has arrived is read. Bytes that
 * go out together wake a reader once instead of once each, and waking sleepers is a quarter of
 * a busy gateway's CPU (docs/adr/0017). Where nothing else has arrived they go out at once.
 */
export function atEndOfTurn(send: () => void): void {
  if (waiting.push(send) === 1) setImmediate(flush);
}

function flush(): void {
  const sends = waiting;
  waiting = [];
  for (const send of sends) send();
}
