import { mkdir, readdir, rename, rm, statfs } from 'node:fs/promises';
import { join } from 'node:path';
import { MANIFEST_FILE } from './manifest.ts';

const PARTIAL = '.partial';

/**
 * Lets `fill` write into a folder within `output`, then moves what it wrote into
 * place, image.json last: an image that has one is whole. What was there of an
 * older image is replaced.
 * @throws Error if the folder holds something else, or cannot be written
 */
export async function fillOutput<T>(
  output: string,
  fill: (folder: string) => Promise<T>,
): Promise<T> {
  await mkdir(output, { recursive: true });
  const old = (await readdir(output)).filter((name) => name !== PARTIAL);
  if (old.length > 0 && !old.includes(MANIFEST_FILE)) {
    throw new Error(
      `${output}: has other files in it and no ${MANIFEST_FILE}; give an empty folder`,
    );
  }
  const partial = join(output, PARTIAL);
  await rm(partial, { recursive: true, force: true });
  await mkdir(partial);
  try {
    const result = await fill(partial);
    await rm(join(output, MANIFEST_FILE), { force: true });
    for (const name of manifestLast(await readdir(partial))) {
      await rm(join(output, name), { recursive: true, force: true });
      await rename(join(partial, name), join(output, name));
    }
    return result;
  } finally {
    await rm(partial, { recursive: true, force: true });
  }
}

/** Better before than in the middle. @throws Error naming the folder, what is needed and what is there */
export async function checkSpace(folder: string, bytes: number): Promise<void> {
  const { bavail, bsize } = await statfs(folder);
  if (bavail * bsize >= bytes) return;
  throw new Error(
    `${folder}: the image needs ${bytes} bytes of disk, there are ${bavail * bsize} free`,
  );
}

function manifestLast(names: readonly string[]): string[] {
  return [...names.filter((name) => name !== MANIFEST_FILE), MANIFEST_FILE];
}
