import type { Socket } from 'node:net';

/** Milliseconds for a client to read its last bytes and to close. */
export const LINGER_MS = 2_000;

/** Ends a connection so that its last bytes arrive; a client that neither reads nor closes loses it all the same. */
export function endAndLinger(socket: Socket): void {
  socket.end();
  if (socket.destroyed) return;
  const timer = setTimeout(() => socket.destroy(), LINGER_MS);
  socket.once('close', () => {
    clearTimeout(timer);
  });
}
