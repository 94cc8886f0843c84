import { join } from 'node:path';
import { envOf, OPTIONS } from '../domain/vmi/kernel-args.ts';
import { readLoader, type Loader } from './disk/boot.ts';
import { DISK_FILES, writeDisks, type WrittenDisks } from './disk/write.ts';
import { takeKernel, type KernelSource } from './kernel.ts';
import {
  MANIFEST_FILE,
  MANIFEST_VERSION,
  type ImageContent,
  type ImageFile,
  type ImageManifest,
  type OciImage,
} from './manifest.ts';
import { layerOf } from './oci/layer.ts';
import { writeLayout } from './oci/layout.ts';
import { checkSpace, fillOutput } from './output.ts';
import { writePieces } from './pieces.ts';
import { prepareRofs, type Rofs } from './rofs/writer.ts';
import { baseFiles } from './runtimes/base.ts';
import type { RuntimeOptions } from './runtimes/runtime.ts';
import { RUNTIMES, type RuntimeName } from './runtimes/table.ts';
import { mebibytes } from './sizes.ts';
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
  options.progress(`kernel from ${options.kernel.location}`);
  const { version, ...digest } = await takeKernel(options.kernel, join(folder, KERNEL_FILE));
  options.progress(`kernel OSv ${version ?? 'of unknown version'}, ${mebibytes(digest.size)}`);
  const kernel = { file: KERNEL_FILE, ...digest };
  const commandLine = options.commandLine ?? commandLineOf(command);
  options.progress(`disk of ${parts.tree.size} paths, ${mebibytes(parts.rofs.bytes)}`);
  const disks = await writeDisks(folder, parts.rofs, {
    layer: options.oci,
    ...(parts.loader === undefined ? {} : { boot: { loader: parts.loader, commandLine } }),
  });
  const disk = diskFile(disks, 'disk');
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
  const file = 'kernel.layer';
  const layer = layerOf('kernel', join(folder, kernel.file), kernel.size);
  const kernelLayer = { file, ...(await writePieces(join(folder, file), layer)) };
  const boot = disks.digests.has('bootDiskLayer') ? diskFile(disks, 'bootDiskLayer') : undefined;
  return {
    kernel: await ociImage(folder, 'kernel', kernelLayer),
    disk: await ociImage(folder, 'disk', diskFile(disks, 'diskLayer')),
    ...(boot === undefined ? {} : { bootDisk: await ociImage(folder, 'boot', boot) }),
  };
}

function ociImage(folder: string, name: string, layer: ImageFile): Promise<OciImage> {
  const names = { folder: `oci/${name}`, tar: `${name}.oci.tar` };
  return writeLayout(folder, names, { path: join(folder, layer.file), digest: layer });
}

/** What every VM of the disk is started with; a kernel that is started directly gets more. */
function commandLineOf(command: readonly string[]): string {
  const env = Object.entries(envOf()).map(([name, value]) => `--env=${name}=${value}`);
  return [...OPTIONS, ...env, ...command].join(' ');
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

/** Each disk, its layer, and the tar that has the layer in it again. */
function spaceFor(rofs: Rofs, { oci, loader }: BuildOptions): number {
  return rofs.bytes * (oci ? 3 : 1) * (loader === undefined ? 1 : 2);
}
