import type { IncomingMessage, ServerResponse } from 'node:http';

/** Milliseconds in which a peer reads the last answer of its connection, and sends what it still has to. */
const LINGER_MS = 5_000;

/** Answers to requests whose body may be longer than what Node keeps of one that nobody reads. */
const toLongRequests = new WeakSet<ServerResponse>();

/** To be told of each request before anybody else may touch it. */
export function noteRequest(req: IncomingMessage, res: ServerResponse): void {
  const length = req.headers['content-length'];
  // A request that fits is read off the connection whether somebody wants it or not.
  const fits = length === undefined || Number(length) < req.readableHighWaterMark;
  if (!fits || req.headers['transfer-encoding'] !== undefined) toLongRequests.add(res);
}

/**
 * To be called before the head of an answer goes out. Whoever answers a request that has not come to
 * its end may never read the rest, which would stand before the next request of the connection,
 * another client's: such a connection ends with its answer.
 */
export function closeIfUnread(res: ServerResponse): void {
  const { req } = res;
  if (req.complete || !toLongRequests.has(res)) return;
  const { socket } = req;
  res.shouldKeepAlive = false;
  // Node would close it at once, and a kernel that closes on unread bytes resets: the answer were lost.
  socket.destroySoon = () => {
    socket.end();
    const timer = setTimeout(() => socket.destroy(), LINGER_MS);
    socket.once('close', () => {
      clearTimeout(timer);
    });
  };
}
