import { join } from 'node:path';
import type { Digest } from '../hashed-file.ts';
import { layerAround } from '../oci/layer.ts';
import { writeCopies, type Copy } from '../pieces.ts';
import type { Content, Rofs } from '../rofs/writer.ts';
import { bootHead, type Loader } from './boot.ts';
import { SECTOR, withRootPartition } from './mbr.ts';

export const DISK_FILES = { disk: 'root.img', bootDisk: 'boot.img', layer: 'disk.layer' } as const;
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
  const mbr = withRootPartition({ start: SECTOR, size: rofs.bytes });
  const copies = new Map<DiskName, Omit<Copy, 'path'>>([['disk', { before: [mbr], after: [] }]]);
  if (forms.boot !== undefined) {
    const { loader, commandLine } = forms.boot;
    const partition = { start: loader.partitionStart, size: rofs.bytes };
    const sector = withRootPartition(partition, loader.sector);
    copies.set('bootDisk', { before: bootHead(loader, sector, commandLine), after: [] });
  }
  if (forms.layer) {
    const { before, after } = layerAround('disk', SECTOR + rofs.bytes);
    copies.set('layer', { before: [...before, mbr], after });
  }
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
