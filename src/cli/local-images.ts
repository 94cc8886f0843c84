import { createHash } from 'node:crypto';
import { createReadStream, existsSync } from 'node:fs';
import { readdir, realpath, rm, stat, utimes } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { buildImage } from '../image/build.ts';
import { RUNTIMES, type RuntimeName } from '../image/runtimes/table.ts';
import { fillFolder } from '../runtime/fill-folder.ts';
import type { ImageBuilder } from '../local/drivers/qemu/image.ts';

/** Images of a runtime that stay in the cache, the last used ones. */
const KEPT = 4;
/** What becomes part of an image, or says how it is made. */
const SOURCES = /^(agent.*|api|image)$/;

/** Builds the image of a runtime once for the same kernel, Node and sources; takes it from the cache then. */
export function cachedImages(cacheDir: string, progress: (line: string) => void): ImageBuilder {
  return async (name, kernel) => {
    const runtime = runtimeOf(name);
    const folder = join(cacheDir, 'osv-faas', 'images', `${runtime}-${await inputsOf(kernel)}`);
    if (existsSync(join(folder, 'image.json'))) {
      const now = new Date();
      await utimes(folder, now, now);
      return folder;
    }
    progress(`building the ${runtime} image, once`);
    await fillFolder(folder, async (output) => {
      const source = { location: kernel };
      await buildImage({
        runtime,
        kernel: source,
        libraryPaths: [],
        cacheDir,
        output,
        oci: false,
        progress,
      });
    });
    await forgetOld(dirname(folder), `${runtime}-`);
    return folder;
  };
}

function runtimeOf(name: string): RuntimeName {
  if (Object.hasOwn(RUNTIMES, name)) return name as RuntimeName;
  const known = Object.keys(RUNTIMES).join(', ');
  throw new Error(`no image can be built for the runtime ${name}; there are: ${known}`);
}

/** Digest of all that goes in. The Node binary, which is large, counts by its name, size and time. */
async function inputsOf(kernel: string): Promise<string> {
  const node = await realpath(process.execPath);
  const { size, mtimeMs } = await stat(node);
  const hash = createHash('sha256').update(`${process.version} ${node} ${size} ${mtimeMs}\n`);
  for (const file of [kernel, ...(await sourceFiles())]) {
    hash.update(`${file}\n`);
    for await (const piece of createReadStream(file)) hash.update(piece as Buffer);
  }
  return hash.digest('hex').slice(0, 16);
}

async function sourceFiles(): Promise<string[]> {
  const root = fileURLToPath(new URL('..', import.meta.url));
  const folders = (await readdir(root)).filter((name) => SOURCES.test(name));
  const found = folders.map(async (folder) => {
    const entries = await readdir(join(root, folder), { recursive: true, withFileTypes: true });
    return entries.filter((one) => one.isFile()).map((one) => join(one.parentPath, one.name));
  });
  return (await Promise.all(found)).flat().sort();
}

async function forgetOld(folder: string, prefix: string): Promise<void> {
  const names = (await readdir(folder)).filter(
    (name) => name.startsWith(prefix) && !name.includes('.'),
  );
  const dated = await Promise.all(
    names.map(async (name) => ({ name, at: (await stat(join(folder, name))).mtimeMs })),
  );
  const old = dated.toSorted((a, b) => b.at - a.at).slice(KEPT);
  await Promise.all(
    old.map(({ name }) => rm(join(folder, name), { recursive: true, force: true })),
  );
}
