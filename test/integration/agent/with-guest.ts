import { jest } from '@jest/globals';
import type { Guest } from '../../support/agent.ts';

/** Each test starts processes, perhaps on a machine that is busy. */
jest.setTimeout(30_000);

/** Gives `task` a VM of its own and ends it afterwards; a failure shows what the VM wrote. */
export async function withGuest<Options>(
  kind: { start(options: Options): Promise<Guest> },
  options: Options,
  task: (guest: Guest) => Promise<void>,
): Promise<void> {
  const guest = await kind.start(options);
  try {
    await task(guest);
  } catch (error) {
    console.error(
      guest
        .lines()
        .map((line) => JSON.stringify(line))
        .join('\n'),
    );
    throw error;
  } finally {
    await guest.stop();
  }
}
