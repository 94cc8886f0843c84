import { setTimeout as sleep } from 'node:timers/promises';
import { messageOf } from '../../runtime/errors.ts';

const PAUSE_MS = 50;

/**
 * Tries until `probe` no longer throws.
 * @throws Error naming `what`, with the last reason, after `timeoutMs`; at once when `dead` gives a reason
 */
export async function waitFor(
  what: string,
  probe: () => Promise<void>,
  options: { readonly timeoutMs: number; readonly dead: () => string | undefined },
): Promise<void> {
  const deadline = Date.now() + options.timeoutMs;
  for (;;) {
    const died = options.dead();
    if (died !== undefined) throw new Error(`${what}: ${died}`);
    try {
      await probe();
      return;
    } catch (error) {
      if (Date.now() > deadline) {
        throw new Error(`${what}: not within ${options.timeoutMs / 1000} s: ${messageOf(error)}`, {
          cause: error,
        });
      }
    }
    await sleep(PAUSE_MS);
  }
}
