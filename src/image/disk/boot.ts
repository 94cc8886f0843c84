import { open } from 'node:fs/promises';
import { readAt } from '../read-at.ts';
import { rootPartition, SECTOR } from './mbr.ts';

/** arch/x64/boot16.S: command line from the second sector on, then the kernel, in units of 32 KiB. */
const KERNEL_START = 64 * 1024;
const UNITS_AT = 0x10;
const UNIT = 32 * 1024;
const MARK_AT = 0x1b8;
const MARK = 'VSO';
const COMMAND_LINE_BYTES = 63 * SECTOR;
/** Where the build of OSv puts the partition: the next multiple. */
const PARTITION_UNIT = 2 * 1024 * 1024;

export interface Loader {
  readonly path: string;
  /** First sector: boot code. */
  readonly sector: Buffer;
  readonly size: number;
  readonly partitionStart: number;
}

/** @throws Error if `path` is not OSv's loader.img */
export async function readLoader(path: string): Promise<Loader> {
  await using file = await open(path);
  const { size } = await file.stat();
  const sector = await readAt(file, 0, SECTOR);
  if (sector.length < SECTOR || sector.toString('latin1', MARK_AT, MARK_AT + 3) !== MARK) {
    throw new Error(`${path}: is not the boot image of OSv (loader.img)`);
  }
  const expected = KERNEL_START + sector.readUInt16LE(UNITS_AT) * UNIT;
  if (size < expected) {
    throw new Error(`${path}: is cut off: it has ${size} bytes of ${expected}`);
  }
  if (rootPartition(sector) !== undefined) {
    throw new Error(`${path}: has a root partition already; take loader.img, not usr.img`);
  }
  const partitionStart = Math.ceil(size / PARTITION_UNIT) * PARTITION_UNIT;
  return { path, sector, size, partitionStart };
}

/** All of a bootable disk before its root partition. @throws Error if the command line is too long */
export async function* bootHead(
  loader: Loader,
  mbr: Buffer,
  commandLine: string,
): AsyncGenerator<Buffer> {
  yield mbr;
  yield commandLineArea(commandLine);
  await using file = await open(loader.path);
  for (let at = KERNEL_START; at < loader.size; at += UNIT) {
    yield await readAt(file, at, Math.min(UNIT, loader.size - at));
  }
  yield Buffer.alloc(loader.partitionStart - loader.size);
}

function commandLineArea(commandLine: string): Buffer {
  const size = Buffer.byteLength(commandLine);
  if (size >= COMMAND_LINE_BYTES || /[\0\n]/.test(commandLine)) {
    throw new Error(
      `--command-line: must be one line of less than ${COMMAND_LINE_BYTES} bytes, it has ${size}`,
    );
  }
  const area = Buffer.alloc(KERNEL_START - SECTOR);
  area.write(commandLine);
  return area;
}
