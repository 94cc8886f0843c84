import type { WebSocket } from 'ws';
import type { Clock } from '../../runtime/clock.ts';

/** What is read of one gateway in a second: a message costs one, and one for each {@link UNIT_BYTES}. */
const BUDGET = 2_000;
const UNIT_BYTES = 4_096;
const SECOND_MS = 1_000;

/** Reads a socket no faster than messages can be worked on: what comes sooner waits at its sender. */
export function pace(ws: WebSocket, clock: Clock): void {
  let spent = 0;
  let cancel: (() => void) | undefined;
  const next = (): void => {
    cancel = undefined;
    spent = 0;
    if (ws.isPaused) ws.resume();
  };
  ws.on('message', (data) => {
    spent += 1 + (data as Buffer).length / UNIT_BYTES;
    cancel ??= clock.after(SECOND_MS, next);
    if (spent > BUDGET) ws.pause();
  });
  ws.on('close', () => cancel?.());
}
