import { Header } from 'tar';

const BLOCK = 512;
/** Tar ends with two empty blocks. */
const END = Buffer.alloc(2 * BLOCK);

export interface TarEntry {
  /** Relative; of a folder with a slash at its end. */
  readonly path: string;
  readonly type: 'File' | 'Directory';
  readonly size: number;
  /** User and group. */
  readonly owner: number;
}

/** Nothing in it depends on when, where and by whom it is made. */
export function tarHead({ path, type, size, owner }: TarEntry): Buffer {
  const bytes = Buffer.alloc(BLOCK);
  const header = new Header({
    path,
    type,
    size,
    uid: owner,
    gid: owner,
    mode: type === 'File' ? 0o444 : 0o555,
    mtime: new Date(0),
  });
  if (header.encode(bytes)) throw new Error(`${path}: does not fit into a tar header`);
  return bytes;
}

/** What follows the content of an entry. */
export function tarPadding(size: number): Buffer {
  return Buffer.alloc((BLOCK - (size % BLOCK)) % BLOCK);
}

export function tarEnd(): Buffer {
  return END;
}
