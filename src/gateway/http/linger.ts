import type { Socket } from 'node:net';

/** Milliseconds for a client to read its last bytes and to close. */
export const LINGER_MS = 2_000;
/** And for one that goes on sending what nobody wants, from its last byte on. */
const SILENT_MS = 5_000;
const LONGEST_MS = 30_000;

/** Ends a connection so that its last bytes arrive; a client that neither reads nor closes loses it all the same. */
export function endAndLinger(socket: Socket): void {
  socket.end();
  if (socket.destroyed) return;
  const timer = setTimeout(() => socket.destroy(), LINGER_MS).unref();
  socket.once('close', () => {
    clearTimeout(timer);
  });
}

/**
 * The same for a client that may still be sending. To close while its bytes come in resets the connection, and
 * with that goes the answer that it has not read yet (RFC 9112, 9.6). So they are read and thrown away: until it
 * ends, is silent for 5 s, or 30 s are over.
 */
export function endAndDiscard(socket: Socket): void {
  socket.end();
  if (socket.destroyed) return;
  socket.resume();
  const until = performance.now() + LONGEST_MS;
  let seen = socket.bytesRead;
  const timer = setInterval(() => {
    if (socket.bytesRead === seen || performance.now() >= until) socket.destroy();
    seen = socket.bytesRead;
  }, SILENT_MS).unref();
  socket.once('close', () => {
    clearInterval(timer);
  });
}
