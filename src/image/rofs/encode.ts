import {
  BLOCK,
  ENTRY_HEAD_BYTES,
  INODE_BYTES,
  LINK_HEAD_BYTES,
  type Counts,
  type Inode,
} from './format.ts';

export interface Superblock {
  readonly magic: bigint;
  readonly version: bigint;
  readonly counts: Counts;
}

export function encodeSuperblock({ magic, version, counts }: Superblock): Buffer {
  const { structureBlock, structureBlocks, entries, links, inodes } = counts;
  const numbers = [BLOCK, structureBlock, structureBlocks, entries, links, inodes];
  const bytes = Buffer.alloc(BLOCK);
  [magic, version, ...numbers.map(BigInt)].forEach((value, index) => {
    bytes.writeBigUInt64LE(value, index * 8);
  });
  return bytes;
}

/** The length counts bytes, not characters. */
export function encodeEntry(inode: number, name: Buffer): Buffer {
  const bytes = Buffer.alloc(ENTRY_HEAD_BYTES + name.length);
  bytes.writeBigUInt64LE(BigInt(inode), 0);
  bytes.writeUInt16LE(name.length, 8);
  name.copy(bytes, ENTRY_HEAD_BYTES);
  return bytes;
}

export function encodeLink(target: string): Buffer {
  const bytes = Buffer.alloc(LINK_HEAD_BYTES + Buffer.byteLength(target));
  bytes.writeUInt16LE(bytes.length - LINK_HEAD_BYTES, 0);
  bytes.write(target, LINK_HEAD_BYTES);
  return bytes;
}

export function encodeInode({ mode, number, offset, count }: Inode): Buffer {
  const bytes = Buffer.alloc(INODE_BYTES);
  [mode, number, offset, count].forEach((value, index) => {
    bytes.writeBigUInt64LE(BigInt(value), index * 8);
  });
  return bytes;
}
