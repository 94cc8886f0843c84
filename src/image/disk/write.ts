import { join } from 'node:path';
import type { Digest } from '../hashed-file.ts';
import { layerAround } from '../oci/layer.ts';
import { writeCopies, type Copy, type Pieces } from '../pieces.ts';
import type { Content, Rofs } from '../rofs/writer.ts';
import { bootHead, type Loader } from './boot.ts';
import { SECTOR, withRootPartition } from './mbr.ts';

export const DISK_FILES = {
  disk: 'root.img',
  diskLayer: 'disk.layer',
  bootDisk: 'boot.img',
  bootDiskLayer: 'boot.layer',
} as const;
type DiskName = keyof typeof DISK_FILES;

/** Which forms of the disk are wanted beside the plain one. */
export interface DiskForms {
  readonly boot?: { readonly loader: Loader; readonly commandLine: string };
  readonly layer: boolean;
}

export interface WrittenDisks {
  readonly digests: ReadonlyMap<DiskName, Digest>;
  readonly contents: readonly Content[];
}

/** Writes every form of the disk in one pass over what goes in. */
export async function writeDisks(
  folder: string,
  rofs: Rofs,
  forms: DiskForms,
): Promise<WrittenDisks> {
  const copies = copiesOf(rofs, forms);
  const contents: Content[] = [];
  const digests = await writeCopies(
    [...copies].map(([name, copy]) => ({ path: join(folder, DISK_FILES[name]), ...copy })),
    rofs.pieces((content) => contents.push(content)),
  );
  const names = [...copies.keys()];
  return {
    digests: new Map(digests.map((digest, index) => [names[index] ?? 'disk', digest])),
    contents,
  };
}

/** Each form is the same file system with other bytes around it. */
function copiesOf(rofs: Rofs, { boot, layer }: DiskForms): Map<DiskName, Omit<Copy, 'path'>> {
  const copies = new Map<DiskName, Omit<Copy, 'path'>>();
  const add = (name: 'disk' | 'bootDisk', start: number, head: () => Pieces): void => {
    copies.set(name, { before: head(), after: [] });
    if (!layer) return;
    const { before, after } = layerAround(name, start + rofs.bytes);
    copies.set(`${name}Layer`, { before: inOrder(before, head()), after });
  };
  add('disk', SECTOR, () => [withRootPartition({ start: SECTOR, size: rofs.bytes })]);
  if (boot === undefined) return copies;
  const { loader, commandLine } = boot;
  const { partitionStart: start } = loader;
  const mbr = withRootPartition({ start, size: rofs.bytes }, loader.sector);
  add('bootDisk', start, () => bootHead(loader, mbr, commandLine));
  return copies;
}

async function* inOrder(...parts: readonly Pieces[]): AsyncGenerator<Buffer> {
  for (const part of parts) yield* part;
}
