import { rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { GuestImage } from './image.ts';
import type { Machine } from './machine.ts';

/** Two sectors of a CD, as where KubeVirt puts the same text a sector begins with it. */
const IDENTITY_BYTES = 4096;

/** Disks of one guest. */
export interface Disks {
  readonly disk: string;
  readonly identityDisk?: string;
  /** Removes what is this guest's alone. */
  remove(): void;
}

/**
 * The disk that a machine starts from, and the small one that a bootable disk needs beside it.
 * @throws Error when the image has no disk that boots by itself
 */
export function disksOf({ name, start }: Machine, image: GuestImage, folder: string): Disks {
  if (start.kind === 'kernel') return { disk: image.disk, remove: () => undefined };
  if (image.bootDisk === undefined) {
    const how = 'name one that was built with --loader by --image REF=DIR';
    throw new Error(`the image has no disk that boots by itself: ${how}`);
  }
  const identityDisk = join(folder, `${name}.identity`);
  const bytes = Buffer.alloc(IDENTITY_BYTES);
  bytes.write(start.identity);
  writeFileSync(identityDisk, bytes);
  const remove = (): void => {
    rmSync(identityDisk, { force: true });
  };
  return { disk: image.bootDisk, identityDisk, remove };
}
