import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { readLoader, type Loader } from './disk/boot.ts';
import { DISK_FILES, writeDisks, type WrittenDisks } from './disk/write.ts';
import { takeKernel, type KernelSource } from './kernel.ts';
import {
  MANIFEST_FILE,
  MANIFEST_VERSION,
  type ImageContent,
  type ImageFile,
  type ImageManifest,
} from './manifest.ts';
import { layerOf } from './oci/layer.ts';
import { writeLayout } from './oci/layout.ts';
import { checkSpace, fillOutput } from './output.ts';
import { writePieces } from './pieces.ts';
import { prepareRofs, type Rofs } from './rofs/writer.ts';
import { baseFiles } from './runtimes/base.ts';
import type { RuntimeOptions } from './runtimes/runtime.ts';
import { RUNTIMES, type RuntimeName } from './runtimes/table.ts';
import { mergeTrees, type FileTree } from './tree.ts';

export interface BuildOptions extends RuntimeOptions {
  readonly runtime: RuntimeName;
  readonly kernel: KernelSource;
  /** OSv's loader.img: makes a disk that boots by BIOS too. */
  readonly loader?: string;
  /** Of that disk; a kernel that is started directly gets its own. */
  readonly commandLine?: string;
  readonly output: string;
  /** OCI image layouts too: kernel and disk twice more. */
  readonly oci: boolean;
}

const KERNEL_FILE = 'kernel.elf';
/** What a disk's own command line has before the command, if nobody says otherwise. */
const BOOT_OPTIONS = [
  '--rootfs=rofs',
  '--console=serial',
  '--power-off-on-abort',
  '--env=TZ=UTC',
  '--env=UV_USE_IO_URING=0',
];

/** Makes an image: kernel, disk, OCI layouts, image.json. @throws Error that says what is wrong */
export async function buildImage(options: BuildOptions): Promise<ImageManifest> {
  const { files, command } = await RUNTIMES[options.runtime](options);
  const loader = options.loader === undefined ? undefined : await readLoader(options.loader);
  const tree = mergeTrees(baseFiles(), files);
  const rofs = await prepareRofs(tree);
  return fillOutput(options.output, async (folder) => {
    await checkSpace(folder, spaceFor(rofs, options));
    const parts = { folder, rofs, loader, command, tree };
    const manifest = await writeParts(options, parts);
    const text = Buffer.from(`${JSON.stringify(manifest, null, 2)}\n`);
    await writePieces(join(folder, MANIFEST_FILE), [text]);
    return manifest;
  });
}

interface Parts {
  readonly folder: string;
  readonly rofs: Rofs;
  readonly loader: Loader | undefined;
  readonly command: readonly string[];
  readonly tree: FileTree;
}

async function writeParts(options: BuildOptions, parts: Parts): Promise<ImageManifest> {
  const { folder, command } = parts;
  const { version, ...digest } = await takeKernel(options.kernel, join(folder, KERNEL_FILE));
  options.progress(`kernel OSv ${version ?? 'of unknown version'}, ${digest.size} bytes`);
  const kernel = { file: KERNEL_FILE, ...digest };
  const commandLine = options.commandLine ?? [...BOOT_OPTIONS, ...command].join(' ');
  const disks = await writeDisks(folder, parts.rofs, {
    layer: options.oci,
    ...(parts.loader === undefined ? {} : { boot: { loader: parts.loader, commandLine } }),
  });
  const disk = diskFile(disks, 'disk');
  options.progress(`disk ${disk.file}, ${disk.size} bytes`);
  return {
    version: MANIFEST_VERSION,
    runtime: options.runtime,
    kernel: { ...kernel, ...(version === undefined ? {} : { version }) },
    disk,
    ...(disks.digests.has('bootDisk')
      ? { bootDisk: { ...diskFile(disks, 'bootDisk'), commandLine } }
      : {}),
    command,
    contents: contentsOf(parts.tree, disks),
    ...(options.oci ? { oci: await writeOci(folder, kernel, disks) } : {}),
  };
}

async function writeOci(
  folder: string,
  kernel: ImageFile,
  disks: WrittenDisks,
): Promise<NonNullable<ImageManifest['oci']>> {
  await mkdir(join(folder, 'oci'));
  const path = join(folder, 'kernel.layer');
  const digest = await writePieces(path, layerOf('kernel', join(folder, kernel.file), kernel.size));
  const diskLayer = diskFile(disks, 'layer');
  return {
    kernel: await writeLayout(folder, namesOf('kernel'), { path, digest }),
    disk: await writeLayout(folder, namesOf('disk'), {
      path: join(folder, diskLayer.file),
      digest: diskLayer,
    }),
  };
}

function namesOf(image: string): { folder: string; tar: string } {
  return { folder: `oci/${image}`, tar: `${image}.oci.tar` };
}

function diskFile({ digests }: WrittenDisks, name: keyof typeof DISK_FILES): ImageFile {
  const digest = digests.get(name);
  if (digest === undefined) throw new Error(`${DISK_FILES[name]} was not written`);
  return { file: DISK_FILES[name], ...digest };
}

function contentsOf(tree: FileTree, { contents }: WrittenDisks): ImageContent[] {
  return contents.map(({ path, size, sha256 }) => {
    const entry = tree.get(path);
    const version = entry !== undefined && 'version' in entry ? entry.version : undefined;
    return { name: path, ...(version === undefined ? {} : { version }), size, sha256 };
  });
}

/** The disk, its layer, and the tar that has the layer in it again; the bootable one. */
function spaceFor(rofs: Rofs, { oci, loader }: BuildOptions): number {
  return rofs.bytes * ((oci ? 3 : 1) + (loader === undefined ? 0 : 1));
}
