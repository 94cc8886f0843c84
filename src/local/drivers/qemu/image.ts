import { readFile } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { LABELS } from '../../../api/group.ts';
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

  constructor(options: ImageOptions) {
    this.#options = options;
  }

  /** @throws Error that says which image is missing and how to name it */
  async imageOf(vmi: Vmi): Promise<GuestImage> {
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
