import { open } from 'node:fs/promises';
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

/**
 * Where the kernel lies in a guest's memory.
 * @throws Error that names the file and what it is instead of a kernel
 */
export async function kernelRange(file: string): Promise<KernelRange> {
  const handle = await open(file).catch((error: unknown) => {
    throw new Error(`the kernel ${file} cannot be read: ${messageOf(error)}`);
  });
  try {
    const header = Buffer.alloc(HEADER);
    await handle.read(header, 0, HEADER, 0);
    const { offset, count } = checkHeader(file, header);
    const table = Buffer.alloc(count * PROGRAM_HEADER);
    await handle.read(table, 0, table.length, offset);
    return rangeOf(file, table, count);
  } finally {
    await handle.close();
  }
}

function checkHeader(file: string, header: Buffer): { offset: number; count: number } {
  if (!header.subarray(0, 4).equals(MAGIC)) throw notKernel(file, 'no ELF file');
  if (header[4] !== ELF64 || header.readUInt16LE(18) !== X86_64) {
    throw notKernel(file, 'no x86-64 ELF file');
  }
  return { offset: Number(header.readBigUInt64LE(32)), count: header.readUInt16LE(56) };
}

/** QEMU starts an ELF kernel by an entry point that stands in a note. */
function rangeOf(file: string, table: Buffer, count: number): KernelRange {
  const headers = Array.from({ length: count }, (_none, index) =>
    table.subarray(index * PROGRAM_HEADER, (index + 1) * PROGRAM_HEADER),
  );
  const types = headers.map((header) => header.readUInt32LE(0));
  if (!types.includes(PT_NOTE)) throw notKernel(file, 'an ELF file without a note for PVH boot');
  const loads = headers.filter((header) => header.readUInt32LE(0) === PT_LOAD);
  const begins = loads.map((header) => header.readBigUInt64LE(16));
  const ends = loads.map((header) => header.readBigUInt64LE(16) + header.readBigUInt64LE(40));
  const begin = begins.reduce((least, one) => (one < least ? one : least), begins[0] ?? 0n);
  const end = ends.reduce((most, one) => (one > most ? one : most), 0n);
  return { begin, end };
}

function notKernel(file: string, what: string): Error {
  return new Error(`${file} is no OSv kernel but ${what}; give OSv's loader-stripped.elf`);
}
