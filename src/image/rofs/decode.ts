import {
  BLOCK,
  ENTRY_HEAD_BYTES,
  INODE_BYTES,
  LINK_HEAD_BYTES,
  MAGIC,
  VERSION,
  type Counts,
  type Inode,
} from './format.ts';

/** What an image says of itself, all of it within bounds. */
export interface Structure {
  readonly entries: readonly { readonly inode: number; readonly name: Buffer }[];
  readonly links: readonly Buffer[];
  readonly inodes: readonly Inode[];
}

/** Of an image with a quarter of a million files; a hostile one shall not take all memory. */
const MAX_STRUCTURE_BYTES = 16 * 1024 * 1024;

/** @param available bytes that there are from the superblock on. @throws Error saying what is wrong */
export function decodeSuperblock(bytes: Buffer, available: number): Counts {
  if (bytes.length < BLOCK || bytes.readBigUInt64LE(0) !== MAGIC) {
    throw new Error('there is no ROFS: its mark is missing');
  }
  const numbers = Array.from({ length: 8 }, (_, index) => bytes.readBigUInt64LE(index * 8));
  const [, version, block, ...rest] = numbers;
  if (version !== VERSION || block !== BigInt(BLOCK)) {
    throw new Error(`ROFS of version ${version} with blocks of ${block}: only 1 with 512 is known`);
  }
  const [structureBlock, structureBlocks, entries, links, inodes] = rest.map(Number) as Five;
  const counts = { structureBlock, structureBlocks, entries, links, inodes };
  const problem = problemOf(counts, available);
  if (problem !== undefined) throw new Error(problem);
  return counts;
}

type Five = [number, number, number, number, number];

function problemOf(counts: Counts, available: number): string | undefined {
  const { structureBlock, structureBlocks, entries, links, inodes } = counts;
  const room = structureBlocks * BLOCK;
  if (structureBlock < 1 || room < 1 || structureBlock * BLOCK + room > available) {
    return 'the tables are beyond the end: the image is cut off or damaged';
  }
  if (room > MAX_STRUCTURE_BYTES) return `the tables have ${room} bytes, more than can be read`;
  if (entries * ENTRY_HEAD_BYTES + links * LINK_HEAD_BYTES + inodes * INODE_BYTES > room) {
    return 'the tables are too short for what they should hold';
  }
  return inodes < 1 ? 'there is no root folder' : undefined;
}

/** @throws Error naming the entry that is wrong */
export function decodeStructure(bytes: Buffer, counts: Counts): Structure {
  const reader = new Reader(bytes);
  const entries = times(counts.entries, (index) => {
    const inode = reader.number();
    const name = reader.text();
    checkName(name, index);
    return { inode, name };
  });
  const links = times(counts.links, () => reader.text());
  const inodes = times(counts.inodes, (index) => inodeOf(reader, index + 1));
  return { entries, links, inodes };
}

function inodeOf(reader: Reader, expected: number): Inode {
  // The kernel reads 32 bits of the mode and skips the others.
  const mode = reader.number();
  const number = reader.number();
  if (number !== expected) throw new Error(`inode ${expected} calls itself ${number}`);
  return { mode, number, offset: reader.number(), count: reader.number() };
}

function checkName(name: Buffer, index: number): void {
  const text = name.toString('latin1');
  if (text === '' || text === '.' || text === '..' || /[/\0]/.test(text)) {
    throw new Error(`directory entry ${index} has the name ${JSON.stringify(text)}`);
  }
}

function times<T>(count: number, make: (index: number) => T): T[] {
  return Array.from({ length: count }, (_, index) => make(index));
}

class Reader {
  readonly #bytes: Buffer;
  #at = 0;

  constructor(bytes: Buffer) {
    this.#bytes = bytes;
  }

  number(): number {
    return Number(this.#take(8).readBigUInt64LE());
  }

  text(): Buffer {
    return this.#take(this.#take(2).readUInt16LE());
  }

  #take(size: number): Buffer {
    const bytes = this.#bytes.subarray(this.#at, this.#at + size);
    if (bytes.length < size) throw new Error('the tables end in the middle of an entry');
    this.#at += size;
    return bytes;
  }
}
