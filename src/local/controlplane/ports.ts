import { randomInt } from 'node:crypto';
import { createServer } from 'node:net';
import { once } from 'node:events';

/**
 * Below the ports that Linux gives to outgoing connections and to whoever asks for any
 * (32768 up): those may be gone before the program that is told of them listens.
 */
const FIRST = 12_000;
const LAST = 21_999;
const TRIES = 200;

/**
 * That many different TCP ports of the loopback address that nobody listens on at this moment.
 *
 * @throws Error when too many of the range are in use
 */
export async function freePorts(count: number): Promise<readonly number[]> {
  const ports = new Set<number>();
  for (let tries = 0; ports.size < count && tries < TRIES; tries += 1) {
    const port = randomInt(FIRST, LAST + 1);
    if (await isFree(port)) ports.add(port);
  }
  if (ports.size < count) throw new Error(`too few free ports between ${FIRST} and ${LAST}`);
  return [...ports];
}

async function isFree(port: number): Promise<boolean> {
  const server = createServer();
  server.listen(port, '127.0.0.1');
  try {
    await once(server, 'listening');
  } catch {
    return false;
  }
  server.close();
  await once(server, 'close');
  return true;
}
