import type { Digest } from './hashed-file.ts';

export const MANIFEST_VERSION = 1;
export const MANIFEST_FILE = 'image.json';

/** A file beside image.json. */
export interface ImageFile extends Digest {
  readonly file: string;
}

export interface ImageContent extends Digest {
  /** Path in the image. */
  readonly name: string;
  readonly version?: string;
}

/** An OCI image: as a folder, as a tar of that folder, and what a registry will call it. */
export interface OciImage {
  readonly folder: string;
  readonly tar: ImageFile;
  readonly digest: string;
}

/** What image.json says: all that went in and all that came out, and nothing of when and where. */
export interface ImageManifest {
  readonly version: typeof MANIFEST_VERSION;
  readonly runtime: string;
  readonly kernel: ImageFile & { readonly version?: string };
  readonly disk: ImageFile;
  readonly bootDisk?: ImageFile & { readonly commandLine: string };
  readonly command: readonly string[];
  readonly contents: readonly ImageContent[];
  readonly oci?: {
    readonly kernel: OciImage;
    readonly disk: OciImage;
    readonly bootDisk?: OciImage;
  };
}
