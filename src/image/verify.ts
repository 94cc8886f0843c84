import { createHash } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { messageOf } from '../runtime/errors.ts';
import { MANIFEST_FILE, MANIFEST_VERSION, type ImageFile, type ImageManifest } from './manifest.ts';
import { piecesOfFile } from './pieces.ts';

/** @throws Error naming the file and what is wrong with it */
export async function readManifest(folder: string): Promise<ImageManifest> {
  const path = join(folder, MANIFEST_FILE);
  try {
    const manifest = JSON.parse(await readFile(path, 'utf8')) as Omit<ImageManifest, 'version'> & {
      version: unknown;
    };
    const { version } = manifest;
    if (version !== MANIFEST_VERSION) {
      throw new Error(`version must be ${MANIFEST_VERSION}, got ${String(version)}`);
    }
    return { ...manifest, version };
  } catch (cause) {
    throw new Error(`${path}: ${messageOf(cause)}`, { cause });
  }
}

/** Files that the manifest names. */
export function filesOf({ kernel, disk, bootDisk, oci }: ImageManifest): ImageFile[] {
  const all = [kernel, disk, bootDisk, oci?.kernel.tar, oci?.disk.tar, oci?.bootDisk?.tar];
  return all.filter((file) => file !== undefined);
}

/** Undefined if `file` is what the manifest says, or how it differs. */
export async function differenceOf(folder: string, file: ImageFile): Promise<string | undefined> {
  const hash = createHash('sha256');
  let size = 0;
  for await (const piece of piecesOfFile(join(folder, file.file))) {
    hash.update(piece);
    size += piece.length;
  }
  const sha256 = hash.digest('hex');
  if (size !== file.size) return `${file.file}: has ${size} bytes, not ${file.size}`;
  return sha256 === file.sha256
    ? undefined
    : `${file.file}: SHA-256 is ${sha256}, not ${file.sha256}`;
}
