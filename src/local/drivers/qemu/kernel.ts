import { open, type FileHandle } from 'node:fs/promises';
import { messageOf } from '../../../runtime/errors.ts';

/** Addresses of a kernel, from its program headers. */
export interface KernelRange {
  readonly begin: bigint;
  readonly end: bigint;
}

const MAGIC = Buffer.from('\x7fELF');
const ELF64 = 2;
const X86_64 = 62;
const PT_LOAD = 1;
const PT_NOTE = 4;
const HEADER = 64;
const PROGRAM_HEADER = 56;
/** Xen's note with the entry point that QEMU starts a kernel by (PVH). */
const XEN_PHYS32_ENTRY = 18;

interface Segment {
  readonly type: number;
  readonly offset: number;
  readonly address: bigint;
  readonly fileSize: number;
  readonly memorySize: bigint;
}

/**
 * Where the kernel lies in a guest's memory.
 * @throws Error that names the file and what it is instead of a kernel
 */
export async function kernelRange(file: string): Promise<KernelRange> {
  const handle = await open(file).catch((error: unknown) => {
    throw new Error(`the kernel cannot be read: ${messageOf(error)}`, { cause: error });
  });
  try {
    if (!(await handle.stat()).isFile()) throw notKernel(file, 'no file');
    const segments = await segmentsOf(file, handle);
    if (!(await hasEntry(handle, segments))) {
      throw notKernel(file, 'an ELF file without an entry for PVH boot');
    }
    const loads = segments.filter(({ type }) => type === PT_LOAD);
    const ends = loads.map(({ address, memorySize }) => address + memorySize);
    const least = (a: bigint, b: bigint): bigint => (a < b ? a : b);
    const most = (a: bigint, b: bigint): bigint => (a > b ? a : b);
    return {
      begin: loads.map(({ address }) => address).reduce(least, loads[0]?.address ?? 0n),
      end: ends.reduce(most, 0n),
    };
  } finally {
    await handle.close();
  }
}

async function segmentsOf(file: string, handle: FileHandle): Promise<Segment[]> {
  const header = await bytesAt(handle, 0, HEADER);
  if (!header.subarray(0, 4).equals(MAGIC)) throw notKernel(file, 'no ELF file');
  if (header[4] !== ELF64 || header.readUInt16LE(18) !== X86_64) {
    throw notKernel(file, 'an ELF file for another machine than x86-64');
  }
  const count = header.readUInt16LE(56);
  const at = Number(header.readBigUInt64LE(32));
  const table = await bytesAt(handle, at, count * PROGRAM_HEADER);
  return Array.from({ length: count }, (_none, index) => {
    const entry = table.subarray(index * PROGRAM_HEADER);
    return {
      type: entry.readUInt32LE(0),
      offset: Number(entry.readBigUInt64LE(8)),
      address: entry.readBigUInt64LE(16),
      fileSize: Number(entry.readBigUInt64LE(32)),
      memorySize: entry.readBigUInt64LE(40),
    };
  });
}

/** A note is: length of its name, of what it says, its type, and both, each padded to four bytes. */
async function hasEntry(handle: FileHandle, segments: readonly Segment[]): Promise<boolean> {
  for (const { type, offset, fileSize } of segments) {
    if (type !== PT_NOTE) continue;
    const notes = await bytesAt(handle, offset, fileSize);
    let at = 0;
    while (at + 12 <= notes.length) {
      const name = notes.readUInt32LE(at);
      const isXen = notes.subarray(at + 12, at + 15).toString() === 'Xen';
      if (isXen && notes.readUInt32LE(at + 8) === XEN_PHYS32_ENTRY) return true;
      at += 12 + padded(name) + padded(notes.readUInt32LE(at + 4));
    }
  }
  return false;
}

function padded(size: number): number {
  return Math.ceil(size / 4) * 4;
}

async function bytesAt(handle: FileHandle, position: number, length: number): Promise<Buffer> {
  const bytes = Buffer.alloc(length);
  await handle.read(bytes, 0, length, position);
  return bytes;
}

function notKernel(file: string, what: string): Error {
  return new Error(`${file} is no OSv kernel but ${what}; give OSv's loader-stripped.elf`);
}
