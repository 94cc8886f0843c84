import { BLOCK, blocksOf, MAGIC, MODE, VERSION, type Counts, type Inode } from './format.ts';
import { nest, type Child, type Folder, type Sized } from './folders.ts';
import { encodeEntry, encodeInode, encodeLink, encodeSuperblock } from './encode.ts';

/** All of an image but the contents of its files. */
export interface RofsPlan {
  readonly superblock: Buffer;
  /** In the order of the disk; each is padded to whole blocks. */
  readonly files: readonly { readonly path: string; readonly size: number }[];
  /** Follows the files; whole blocks. */
  readonly structure: Buffer;
  readonly bytes: number;
}

/** @throws Error naming the path that cannot be */
export function planRofs(files: ReadonlyMap<string, Sized>): RofsPlan {
  const draft = new Draft();
  draft.root(nest(files));
  return draft.plan();
}

/**
 * Numbers inodes as the kernel's own generator does: a folder's before those of
 * its children; the entries of a folder stand together, after those of its subfolders.
 */
class Draft {
  readonly #inodes: Inode[] = [];
  readonly #entries: Buffer[] = [];
  readonly #links: Buffer[] = [];
  readonly #files: { path: string; size: number }[] = [];
  /** Of file data; the superblock is 0. */
  #block = 1;

  root(folder: Folder): void {
    this.#folder(this.#number(), folder);
  }

  plan(): RofsPlan {
    const table = this.#inodes.map(encodeInode);
    const packed = Buffer.concat([...this.#entries, ...this.#links, ...table]);
    const structure = Buffer.alloc(blocksOf(packed.length) * BLOCK);
    packed.copy(structure);
    const counts: Counts = {
      structureBlock: this.#block,
      structureBlocks: structure.length / BLOCK,
      entries: this.#entries.length,
      links: this.#links.length,
      inodes: this.#inodes.length,
    };
    return {
      superblock: encodeSuperblock({ magic: MAGIC, version: VERSION, counts }),
      files: this.#files,
      structure,
      bytes: (this.#block + counts.structureBlocks) * BLOCK,
    };
  }

  #folder(number: number, { children }: Folder): void {
    const numbered = children.map((child) => {
      const own = this.#number();
      this.#child(own, child);
      return encodeEntry(own, child.name);
    });
    this.#set({ mode: MODE.folder, number, offset: this.#entries.length, count: children.length });
    this.#entries.push(...numbered);
  }

  #child(number: number, child: Child): void {
    if (child.kind === 'folder') this.#folder(number, child.folder);
    else if (child.kind === 'link') {
      this.#set({ mode: MODE.link, number, offset: this.#links.length, count: 1 });
      this.#links.push(encodeLink(child.target));
    } else {
      const { path, size } = child;
      this.#set({ mode: MODE.file, number, offset: this.#block, count: size });
      this.#files.push({ path, size });
      this.#block += blocksOf(size);
    }
  }

  #number(): number {
    this.#inodes.push({ mode: 0, number: 0, offset: 0, count: 0 });
    return this.#inodes.length;
  }

  #set(inode: Inode): void {
    this.#inodes[inode.number - 1] = inode;
  }
}
