/** Bytes that replace as many of a file's, from `offset` on. */
export interface Patch {
  readonly offset: number;
  readonly bytes: Uint8Array;
}

/** What one path of an image is. */
export type Entry =
  | {
      readonly kind: 'file';
      readonly source: string;
      readonly version?: string;
      /** What the image has in place of the source's own bytes. */
      readonly patches?: readonly Patch[];
    }
  | { readonly kind: 'bytes'; readonly bytes: Uint8Array; readonly version?: string }
  | { readonly kind: 'link'; readonly target: string }
  | { readonly kind: 'folder' };

/**
 * Absolute path in the image → what is there. A `file` is read from this machine
 * when the image is written, so a tree of any size costs no memory. Folders above
 * a path go without saying; `folder` is for empty ones (mount points).
 */
export type FileTree = ReadonlyMap<string, Entry>;

/** Puts trees over each other. @throws Error if two of them name the same path differently */
export function mergeTrees(...trees: readonly FileTree[]): FileTree {
  const merged = new Map<string, Entry>();
  for (const [path, entry] of trees.flatMap((tree) => [...tree])) {
    const known = merged.get(path);
    if (known !== undefined && (known.kind !== 'folder' || entry.kind !== 'folder')) {
      throw new Error(`${path}: is in the image twice`);
    }
    merged.set(path, entry);
  }
  return merged;
}
