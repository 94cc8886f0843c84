import { checkTarget, namesOf } from './paths.ts';

/** What is to be written, with its size known. */
export type Sized =
  | { readonly kind: 'file'; readonly size: number }
  | { readonly kind: 'link'; readonly target: string }
  | { readonly kind: 'folder' };

export interface Folder {
  /** In the order of the disk. */
  readonly children: readonly Child[];
}

export type Child = {
  readonly name: Buffer;
  readonly path: string;
} & (
  | { readonly kind: 'file'; readonly size: number }
  | { readonly kind: 'link'; readonly target: string }
  | { readonly kind: 'folder'; readonly folder: Folder }
);

type Draft = Map<string, DraftNode>;

interface DraftNode {
  readonly path: string;
  leaf?: Sized;
  readonly below: Draft;
}

/**
 * Paths → nested folders, sorted by the bytes of their names, so that the same
 * tree is the same image whoever listed it.
 * @throws Error naming the path that cannot be
 */
export function nest(files: ReadonlyMap<string, Sized>): Folder {
  const root: Draft = new Map();
  for (const [path, leaf] of files) {
    if (leaf.kind === 'link') checkTarget(path, leaf.target);
    place(root, path, leaf);
  }
  return folderOf(root);
}

function place(root: Draft, path: string, leaf: Sized): void {
  let draft = root;
  const names = namesOf(path);
  names.forEach((name, index) => {
    const here = `/${names.slice(0, index + 1).join('/')}`;
    const node: DraftNode = draft.get(name) ?? { path: here, below: new Map() };
    if (node.leaf !== undefined && node.leaf.kind !== 'folder') {
      throw new Error(`${path}: ${here} is a ${node.leaf.kind}, so nothing can be below it`);
    }
    draft.set(name, node);
    if (index === names.length - 1) settle(node, leaf);
    draft = node.below;
  });
}

function settle(node: DraftNode, leaf: Sized): void {
  if (leaf.kind !== 'folder' && node.below.size > 0) {
    throw new Error(`${node.path}: is a folder, so it cannot be a ${leaf.kind} too`);
  }
  node.leaf = leaf;
}

function folderOf(draft: Draft): Folder {
  const children = [...draft].map(([name, { path, leaf, below }]): Child => {
    const own = { name: Buffer.from(name), path };
    return leaf === undefined || leaf.kind === 'folder'
      ? { ...own, kind: 'folder', folder: folderOf(below) }
      : { ...own, ...leaf };
  });
  return { children: children.toSorted((a, b) => a.name.compare(b.name)) };
}
