import { piecesOfFile } from '../pieces.ts';
import { tarEnd, tarHead, tarPadding } from './tar.ts';

/** KubeVirt runs QEMU as this user and group; the file must be theirs. */
const QEMU = 107;

/** Where a layer's one file is. */
export const LAYER_PATHS = {
  disk: { folder: 'disk/', file: 'disk/root.img' },
  bootDisk: { folder: 'disk/', file: 'disk/boot.img' },
  kernel: { folder: 'boot/', file: 'boot/loader-stripped.elf' },
} as const;

/** A layer is tar: what stands before the content of its one file, and what after. */
export function layerAround(
  kind: keyof typeof LAYER_PATHS,
  size: number,
): { before: Buffer[]; after: Buffer[] } {
  const { folder, file } = LAYER_PATHS[kind];
  return {
    before: [
      tarHead({ path: folder, type: 'Directory', size: 0, owner: QEMU }),
      tarHead({ path: file, type: 'File', size, owner: QEMU }),
    ],
    after: [tarPadding(size), tarEnd()],
  };
}

/** A whole layer, of a file that is there. */
export async function* layerOf(
  kind: keyof typeof LAYER_PATHS,
  path: string,
  size: number,
): AsyncGenerator<Buffer> {
  const { before, after } = layerAround(kind, size);
  yield* before;
  yield* piecesOfFile(path);
  yield* after;
}
