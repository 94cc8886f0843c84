import { lstatSync, readdirSync, rmdirSync, unlinkSync } from 'node:fs';

/**
 * Removes a folder and all in it; what is not there is as good as removed. Node's own
 * `rmSync` deletes while it reads a folder, and OSv's RAM disk then skips entries (ENOTEMPTY).
 */
export function removeTree(path: string): void {
  const found = lstatSync(path, { throwIfNoEntry: false });
  if (found === undefined) return;
  if (!found.isDirectory()) {
    unlinkSync(path);
    return;
  }
  for (const name of readdirSync(path)) {
    removeTree(`${path}/${name}`);
  }
  rmdirSync(path);
}
