import { mkdir, mkdtemp, rename, rm } from 'node:fs/promises';
import { dirname } from 'node:path';

/**
 * Lets `fill` write into a folder beside `target`, which gets its name only
 * when that succeeded: nobody ever sees half of it. When somebody else was
 * quicker, the result is theirs.
 */
export async function fillFolder(
  target: string,
  fill: (folder: string) => Promise<void>,
): Promise<void> {
  await mkdir(dirname(target), { recursive: true });
  const folder = await mkdtemp(`${target}.partial-`);
  try {
    await fill(folder);
    await replace(folder, target);
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

/** A folder of that name is incomplete, or another process made it a moment ago: the newest is as good. */
async function replace(folder: string, target: string): Promise<void> {
  const old = `${folder}.old`;
  await rename(target, old).catch(ignoreMissing);
  try {
    await rename(folder, target);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ENOTEMPTY') throw error;
  }
  await rm(old, { recursive: true, force: true });
}

function ignoreMissing(error: unknown): void {
  if ((error as NodeJS.ErrnoException).code !== 'ENOENT') throw error;
}
