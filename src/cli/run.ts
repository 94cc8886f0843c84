import type { Lifecycle } from '../runtime/lifecycle.ts';
import type { Logger } from '../runtime/log.ts';

/** Resolves with the name of the first SIGINT or SIGTERM; a second one ends the process at once. */
export function signalled(): Promise<NodeJS.Signals> {
  return new Promise((resolve) => {
    let first = true;
    const onSignal = (signal: NodeJS.Signals): void => {
      if (!first) process.exit(130);
      first = false;
      resolve(signal);
    };
    process.on('SIGINT', onSignal);
    process.on('SIGTERM', onSignal);
  });
}

/** Keeps a process up until it is told to end, then stops its parts in order. */
export async function runUntilSignal(lifecycle: Lifecycle, log: Logger): Promise<void> {
  const signal = await signalled();
  log.info('stopping', { signal });
  await lifecycle.stop();
  log.info('stopped');
}
