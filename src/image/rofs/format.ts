/**
 * ROFS, the read-only file system of OSv (fs/rofs), version 1; little endian:
 * a superblock; file data, each file from a block of its own on; then, without
 * gaps, all directory entries, all link targets, all inodes.
 */
export const BLOCK = 512;
export const MAGIC = 0xdeadbeadn;
export const VERSION = 1n;

/** Without permission bits: the kernel says 0555 for everything. */
export const MODE = { folder: 0x4000, file: 0x8000, link: 0xa000 } as const;

export const INODE_BYTES = 32;
/** Of a directory entry before its name: inode number and length. */
export const ENTRY_HEAD_BYTES = 10;
/** Of a link before its target: length. */
export const LINK_HEAD_BYTES = 2;

/** struct dirent's d_name has 256 bytes, paths 4096; both end with a NUL. */
export const MAX_NAME_BYTES = 255;
export const MAX_PATH_BYTES = 4095;

/** Numbers of the superblock, after magic, version and block size, in their order. */
export interface Counts {
  readonly structureBlock: number;
  readonly structureBlocks: number;
  readonly entries: number;
  readonly links: number;
  readonly inodes: number;
}

export interface Inode {
  readonly mode: number;
  /** From 1 on; the first is the root folder. */
  readonly number: number;
  /** Folder: index of its first entry. File: first block. Link: index of its target. */
  readonly offset: number;
  /** Folder: number of entries. File: bytes. Link: 1. */
  readonly count: number;
}

export function blocksOf(bytes: number): number {
  return Math.ceil(bytes / BLOCK);
}
