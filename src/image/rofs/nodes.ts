import { BLOCK, MAX_PATH_BYTES, MODE, type Inode } from './format.ts';
import type { Structure } from './decode.ts';

/** A file, link or folder of an image that was read. */
export type RofsNode = { readonly path: Buffer } & (
  | { readonly kind: 'file'; readonly start: number; readonly size: number }
  | { readonly kind: 'link'; readonly target: Buffer }
  | { readonly kind: 'folder'; readonly first: number; readonly count: number }
);
export type RofsFolder = Extract<RofsNode, { kind: 'folder' }>;

const SLASH = Buffer.from('/');

/** What the tables of an image mean. Every number in them may be a lie, so each is checked where it is used. */
export class Nodes {
  readonly #structure: Structure;
  readonly #available: number;

  /** @param available bytes from the superblock on */
  constructor(structure: Structure, available: number) {
    this.#structure = structure;
    this.#available = available;
  }

  root(): RofsFolder {
    const root = this.#node(1, Buffer.alloc(0));
    if (root.kind !== 'folder') throw new Error('the first inode is not a folder');
    return root;
  }

  /** In the order of the disk. */
  *children({ path, first, count }: RofsFolder): Generator<RofsNode> {
    for (const { inode, name } of this.#structure.entries.slice(first, first + count)) {
      yield this.#node(inode, Buffer.concat([path, SLASH, name]));
    }
  }

  /** The child of that name: the first, as in the kernel. */
  child({ path, first, count }: RofsFolder, name: Buffer): RofsNode | undefined {
    const entries = this.#structure.entries.slice(first, first + count);
    const found = entries.find((entry) => entry.name.equals(name));
    return found && this.#node(found.inode, Buffer.concat([path, SLASH, name]));
  }

  /**
   * All below `from`, each folder before what is in it.
   * @throws Error where a folder is in two places: below itself, it would never end
   */
  *walk(from: RofsFolder): Generator<RofsNode> {
    const open: RofsNode[] = [from];
    let left = this.#structure.entries.length;
    for (let node = open.pop(); node !== undefined; node = open.pop()) {
      if (node !== from) yield node;
      if (node.kind !== 'folder') continue;
      left -= node.count;
      if (left < 0)
        throw wrong(node.path, 'a folder of the image is in two places, or within itself');
      open.push(...[...this.children(node)].toReversed());
    }
  }

  #node(number: number, path: Buffer): RofsNode {
    const inode = this.#structure.inodes[number - 1];
    if (inode === undefined) throw wrong(path, `its inode ${number} does not exist`);
    if (path.length > MAX_PATH_BYTES) throw wrong(path.subarray(0, 80), '… is a path too long');
    switch (inode.mode) {
      case MODE.folder:
        return { path, kind: 'folder', ...this.#folder(inode, path) };
      case MODE.link:
        return { path, kind: 'link', target: this.#target(inode, path) };
      case MODE.file:
        return { path, kind: 'file', ...this.#file(inode, path) };
      default:
        throw wrong(path, `is no file, link or folder: its mode is ${inode.mode}`);
    }
  }

  #folder({ offset, count }: Inode, path: Buffer): { first: number; count: number } {
    if (offset + count <= this.#structure.entries.length) return { first: offset, count };
    throw wrong(path, 'its entries are beyond the end of the table');
  }

  #target({ offset }: Inode, path: Buffer): Buffer {
    const target = this.#structure.links[offset];
    if (target === undefined) throw wrong(path, 'its target is beyond the end of the table');
    return target;
  }

  #file({ offset, count }: Inode, path: Buffer): { start: number; size: number } {
    const start = offset * BLOCK;
    if (count === 0 || start + count <= this.#available) return { start, size: count };
    throw wrong(path, `its ${count} bytes are beyond the end of the image`);
  }
}

function wrong(path: Buffer, what: string): Error {
  return new Error(`${printable(path) || '/'}: ${what}`);
}

/** For a terminal and for messages: what is no printable UTF-8 is escaped. */
export function printable(bytes: Buffer): string {
  const text = bytes.toString('utf8');
  if (Buffer.from(text).equals(bytes) && !/[\p{Cc}\p{Cf}\p{Zl}\p{Zp}\\]/u.test(text)) return text;
  return bytes
    .toString('latin1')
    .replace(/[^ -[\]-~]/g, (char) => `\\x${char.charCodeAt(0).toString(16).padStart(2, '0')}`);
}
