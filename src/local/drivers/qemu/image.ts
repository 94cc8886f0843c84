import { createHash } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { pipeline } from 'node:stream/promises';
import { ANNOTATIONS, LABELS } from '../../../api/group.ts';
import type { Vmi } from '../../../api/kubevirt.ts';
import { messageOf } from '../../../runtime/errors.ts';
import { diskReference } from './machine.ts';

/** What a guest boots from. */
export interface GuestImage {
  readonly kernel: string;
  readonly disk: string;
  /** A disk that boots by itself, where the image has one. */
  readonly bootDisk: string | undefined;
}

/** Makes the image of a runtime (`node`, `java`, `native`) with this kernel; answers its folder. */
export type ImageBuilder = (runtime: string, kernel: string) => Promise<string>;

export interface ImageOptions {
  /** Used in place of the images' own. */
  readonly kernel: string | undefined;
  /** Folders that `osv-faas image build` wrote, by containerDisk reference. */
  readonly folders: ReadonlyMap<string, string>;
  readonly build: ImageBuilder | undefined;
}

/** Finds the image of each VMI, and has it built where nobody named one. */
export class Images {
  readonly #options: ImageOptions;
  readonly #found = new Map<string, Promise<GuestImage>>();
  /** By path: a disk is read once, and is for reading only. */
  readonly #digests = new Map<string, Promise<string>>();

  constructor(options: ImageOptions) {
    this.#options = options;
  }

  /** @throws Error that says which image is missing and how to name it, or that its disk is not the pool's */
  async imageOf(vmi: Vmi): Promise<GuestImage> {
    const image = await this.#imageOf(vmi);
    const wanted = vmi.metadata.annotations?.[ANNOTATIONS.imageDigest];
    if (wanted !== undefined) await this.#compare(diskOf(image, vmi), wanted);
    return image;
  }

  async #compare(disk: string, wanted: string): Promise<void> {
    const reading = this.#digests.get(disk) ?? digestOf(disk);
    this.#digests.set(disk, reading);
    reading.catch(() => this.#digests.delete(disk));
    const found = await reading;
    if (found === wanted) return;
    // The next VM looks again: somebody may put the right disk there.
    this.#digests.delete(disk);
    throw new Error(`${disk} is ${found}, but the pool's spec.image.digest is ${wanted}`);
  }

  #imageOf(vmi: Vmi): Promise<GuestImage> {
    const reference = diskReference(vmi);
    const folder = reference === undefined ? undefined : this.#options.folders.get(reference);
    if (folder !== undefined) return this.#once(folder, () => Promise.resolve(folder));
    const runtime = vmi.metadata.labels?.[LABELS.runtime] ?? 'node';
    return this.#once(`runtime ${runtime}`, () => this.#build(runtime, reference));
  }

  /** A failure is not kept: the next VM tries again. */
  #once(key: string, folder: () => Promise<string>): Promise<GuestImage> {
    const known = this.#found.get(key);
    if (known !== undefined) return known;
    const found = folder().then((path) => readImage(path, this.#options.kernel));
    this.#found.set(key, found);
    found.catch(() => this.#found.delete(key));
    return found;
  }

  #build(runtime: string, reference = '(none)'): Promise<string> {
    const { build, kernel } = this.#options;
    if (build === undefined || kernel === undefined) {
      throw new Error(
        `no image folder for ${reference}: name it with --image ${reference}=DIR, or give --kernel FILE to have one built`,
      );
    }
    return build(runtime, kernel);
  }
}

function diskOf({ disk, bootDisk }: GuestImage, { spec }: Vmi): string {
  return spec.domain.firmware?.kernelBoot === undefined ? (bootDisk ?? disk) : disk;
}

async function digestOf(path: string): Promise<string> {
  const hash = createHash('sha256');
  await pipeline(createReadStream(path), hash);
  return `sha256:${hash.digest('hex')}`;
}

interface ImageJson {
  readonly version: unknown;
  readonly kernel?: { readonly file?: unknown };
  readonly disk?: { readonly file?: unknown };
  readonly bootDisk?: { readonly file?: unknown };
}

/** @throws Error that names the folder and what is wrong with it */
export async function readImage(folder: string, kernel?: string): Promise<GuestImage> {
  const file = join(folder, 'image.json');
  const text = await readFile(file, 'utf8').catch((error: unknown) => {
    throw new Error(`${folder} is no image folder of osv-faas image build: ${messageOf(error)}`);
  });
  const image = JSON.parse(text) as ImageJson;
  if (image.version !== 1)
    throw new Error(`${file}: version must be 1, it is ${String(image.version)}`);
  return {
    kernel: kernel ?? resolve(folder, fileOf(file, 'kernel', image.kernel)),
    disk: resolve(folder, fileOf(file, 'disk', image.disk)),
    bootDisk: image.bootDisk && resolve(folder, fileOf(file, 'bootDisk', image.bootDisk)),
  };
}

function fileOf(
  json: string,
  field: string,
  part: { readonly file?: unknown } | undefined,
): string {
  if (typeof part?.file === 'string' && part.file !== '') return part.file;
  throw new Error(`${json}: ${field}.file must be the name of a file, it is ${String(part?.file)}`);
}
