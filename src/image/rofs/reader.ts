import { open, type FileHandle } from 'node:fs/promises';
import { messageOf } from '../../runtime/errors.ts';
import { rootPartition, SECTOR, type Partition } from '../disk/mbr.ts';
import { readAt } from '../read-at.ts';
import { decodeStructure, decodeSuperblock } from './decode.ts';
import { BLOCK, MAGIC, type Counts } from './format.ts';
import { Nodes, printable, type RofsNode } from './nodes.ts';

/** As OSv's own build writes its disks. */
const QCOW2 = 'QFI\xfb';
const PIECE = 1024 * 1024;
/** As many as Linux follows. */
const MAX_LINKS = 40;

/** An image that is open: a whole disk, or a ROFS alone. */
export class RofsImage implements AsyncDisposable {
  readonly partition: Partition;
  readonly counts: Counts;
  readonly nodes: Nodes;
  readonly #file: FileHandle;

  private constructor(file: FileHandle, facts: Pick<RofsImage, 'partition' | 'counts' | 'nodes'>) {
    this.#file = file;
    this.partition = facts.partition;
    this.counts = facts.counts;
    this.nodes = facts.nodes;
  }

  /** @throws Error naming the file and what is wrong with it */
  static async open(path: string): Promise<RofsImage> {
    const file = await open(path);
    try {
      const partition = await partitionOf(file);
      const superblock = await readAt(file, partition.start, BLOCK);
      const counts = decodeSuperblock(superblock, partition.size);
      const tables = await readAt(
        file,
        partition.start + counts.structureBlock * BLOCK,
        counts.structureBlocks * BLOCK,
      );
      const nodes = new Nodes(decodeStructure(tables, counts), partition.size);
      return new RofsImage(file, { partition, counts, nodes });
    } catch (cause) {
      await file.close();
      throw new Error(`${path}: ${messageOf(cause)}`, { cause });
    }
  }

  /** What is at `path`; links on the way are followed, and at its end if `follow`. @throws Error */
  find(path: string, follow: boolean): RofsNode {
    let node: RofsNode = this.nodes.root();
    let links = 0;
    const open = namesOf(Buffer.from(path));
    for (let name = open.shift(); name !== undefined; name = open.shift()) {
      const parent: Buffer = node.path;
      const found: RofsNode | undefined =
        node.kind === 'folder' ? this.nodes.child(node, name) : undefined;
      if (found === undefined) throw new Error(`${path}: there is no such path in the image`);
      node = found;
      if (node.kind !== 'link' || (open.length === 0 && !follow)) continue;
      links += 1;
      if (links > MAX_LINKS) throw new Error(`${path}: more than ${MAX_LINKS} links to follow`);
      open.unshift(...resolve(parent, node.target));
      node = this.nodes.root();
    }
    return node;
  }

  async *read(node: Extract<RofsNode, { kind: 'file' }>): AsyncGenerator<Buffer> {
    for (let done = 0; done < node.size; done += PIECE) {
      const size = Math.min(PIECE, node.size - done);
      const bytes = await readAt(this.#file, this.partition.start + node.start + done, size);
      if (bytes.length < size) throw new Error(`${printable(node.path)}: the image is cut off`);
      yield bytes;
    }
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#file.close();
  }
}

async function partitionOf(file: FileHandle): Promise<Partition> {
  const { size } = await file.stat();
  const sector = await readAt(file, 0, SECTOR);
  const bare = sector.length === SECTOR && sector.readBigUInt64LE(0) === MAGIC;
  if (sector.toString('latin1', 0, 4) === QCOW2) {
    throw new Error('is a qcow2 file; make a raw one of it: qemu-img convert -O raw');
  }
  const partition = bare ? { start: 0, size } : rootPartition(sector);
  if (partition === undefined) {
    throw new Error('is neither a ROFS nor a disk with one in its second partition');
  }
  if (partition.start >= size) throw new Error('the partition is beyond the end of the file');
  return { start: partition.start, size: Math.min(partition.size, size - partition.start) };
}

function namesOf(path: Buffer): Buffer[] {
  const names = path.toString('latin1').split('/');
  const left: string[] = [];
  for (const name of names) {
    if (name === '..') left.pop();
    else if (name !== '' && name !== '.') left.push(name);
  }
  return left.map((name) => Buffer.from(name, 'latin1'));
}

function resolve(parent: Buffer, target: Buffer): Buffer[] {
  const absolute = target[0] === '/'.charCodeAt(0);
  return namesOf(absolute ? target : Buffer.concat([parent, Buffer.from('/'), target]));
}
