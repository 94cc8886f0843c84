import type { FileHandle } from 'node:fs/promises';
import { open } from 'node:fs/promises';
import { readAt } from '../read-at.ts';

const HEADER_BYTES = 64;
const PROGRAM_HEADER_BYTES = 56;
/** Tables that are read whole: far more than any real file has, little enough for a hostile one. */
const MAX_TABLE_BYTES = 64 * 1024 * 1024;

const MACHINE_X86_64 = 62;
const TYPES = new Map([
  [2, 'executable'],
  [3, 'shared'],
] as const);
export const SEGMENT = { load: 1, dynamic: 2, note: 4, tls: 7 } as const;

/** One row of the program header table. */
export interface Segment {
  readonly type: number;
  readonly offset: number;
  readonly address: number;
  readonly fileSize: number;
  readonly memorySize: number;
}

/** An x86-64 ELF file, open, with its segments known. */
export interface Elf {
  readonly path: string;
  /** Position dependent, or not: a shared object or a PIE. */
  readonly type: 'executable' | 'shared';
  readonly segments: readonly Segment[];
  /** @throws Error if the segment is larger than a table may be, or reaches beyond the file */
  read(segment: Pick<Segment, 'offset' | 'fileSize'>): Promise<Buffer>;
}

/** Opens `path`, gives it to `use` and closes it. @throws Error naming the file and what it is not */
export async function withElf<T>(path: string, use: (elf: Elf) => Promise<T>): Promise<T> {
  await using file = await open(path);
  return await use(await parse(path, file));
}

async function parse(path: string, file: FileHandle): Promise<Elf> {
  const header = await readAt(file, 0, HEADER_BYTES);
  if (header.length < HEADER_BYTES || header.toString('latin1', 0, 4) !== '\x7fELF') {
    throw new Error(`${path}: is not an ELF file`);
  }
  const type = TYPES.get(header.readUInt16LE(16) as 2 | 3);
  if (header[4] !== 2 || header[5] !== 1 || header.readUInt16LE(18) !== MACHINE_X86_64) {
    throw new Error(`${path}: is an ELF file, but not for x86-64`);
  }
  if (type === undefined) throw new Error(`${path}: is neither an executable nor a shared object`);
  const read = async (part: Pick<Segment, 'offset' | 'fileSize'>): Promise<Buffer> => {
    const bytes =
      part.fileSize > MAX_TABLE_BYTES
        ? Buffer.alloc(0)
        : await readAt(file, part.offset, part.fileSize);
    if (bytes.length === part.fileSize) return bytes;
    throw new Error(`${path}: is damaged: its tables reach beyond the end of the file`);
  };
  const table = await read({
    offset: integer(header, 32),
    fileSize: header.readUInt16LE(56) * PROGRAM_HEADER_BYTES,
  });
  return { path, type, segments: segmentsOf(table), read };
}

function segmentsOf(table: Buffer): Segment[] {
  return Array.from({ length: table.length / PROGRAM_HEADER_BYTES }, (_, index) => {
    const at = index * PROGRAM_HEADER_BYTES;
    return {
      type: table.readUInt32LE(at),
      offset: integer(table, at + 8),
      address: integer(table, at + 16),
      fileSize: integer(table, at + 32),
      memorySize: integer(table, at + 40),
    };
  });
}

/** Rounded beyond 2^53, where no file reaches. */
export function integer(bytes: Buffer, at: number): number {
  return Number(bytes.readBigUInt64LE(at));
}
