import type { Lifecycle } from '../runtime/lifecycle.ts';
import type { Logger } from '../runtime/log.ts';
import { untilSignal } from './signals.ts';

/** Keeps a process up until it is told to end, then stops its parts in order. */
export async function runUntilSignal(lifecycle: Lifecycle, log: Logger): Promise<void> {
  // Without SIGHUP: a gateway opens its access log anew on it.
  const signal = await untilSignal(['SIGINT', 'SIGTERM']);
  log.info('stopping', { signal });
  await lifecycle.stop();
  log.info('stopped');
  // All that must end has ended; a connection or timer that somebody forgot must not hold the process.
  process.exit();
}
