/** Partition table of a PC disk, in its first sector. */
export const SECTOR = 512;
const TABLE = 0x1be;
const ROW_BYTES = 16;
const SIGNATURE = 0x55aa;
/** OSv calls the rows vblk0.0 to vblk0.3, and mounts vblk0.1 as its root. */
const ROOT_ROW = 1;
const TYPE_LINUX = 0x83;
const HEADS = 255;
const SECTORS = 63;
const MAX_CYLINDER = 1023;
/** A row has 32 bits for a number of sectors: 2 TiB. */
const MAX_SECTORS = 2 ** 32 - 1;

export interface Partition {
  /** Both in bytes, whole sectors. */
  readonly start: number;
  readonly size: number;
}

/** `sector`, or an empty one, with the root partition in its second row. @throws Error if it is too large */
export function withRootPartition({ start, size }: Partition, sector?: Buffer): Buffer {
  if ((start + size) / SECTOR > MAX_SECTORS) {
    throw new Error(`the image has ${size} bytes; a disk with a partition table holds 2 TiB`);
  }
  const bytes = sector === undefined ? Buffer.alloc(SECTOR) : Buffer.from(sector);
  const row = TABLE + ROOT_ROW * ROW_BYTES;
  bytes[row] = 0;
  writeChs(bytes, row + 1, start / SECTOR);
  bytes[row + 4] = TYPE_LINUX;
  writeChs(bytes, row + 5, (start + size) / SECTOR - 1);
  bytes.writeUInt32LE(start / SECTOR, row + 8);
  bytes.writeUInt32LE(size / SECTOR, row + 12);
  bytes.writeUInt16BE(SIGNATURE, SECTOR - 2);
  return bytes;
}

/** The root partition; undefined if this is no partition table or has none. */
export function rootPartition(sector: Buffer): Partition | undefined {
  if (sector.length < SECTOR || sector.readUInt16BE(SECTOR - 2) !== SIGNATURE) return undefined;
  const row = sector.subarray(TABLE + ROOT_ROW * ROW_BYTES, TABLE + (ROOT_ROW + 1) * ROW_BYTES);
  if (row[4] === 0) return undefined;
  return { start: row.readUInt32LE(8) * SECTOR, size: row.readUInt32LE(12) * SECTOR };
}

/** Old style address: OSv passes over a row whose sector is 0 here, though it uses the new one. */
function writeChs(bytes: Buffer, at: number, lba: number): void {
  const cylinder = Math.floor(lba / (HEADS * SECTORS));
  const beyond = cylinder > MAX_CYLINDER;
  const head = beyond ? HEADS - 1 : Math.floor(lba / SECTORS) % HEADS;
  const sector = beyond ? SECTORS : (lba % SECTORS) + 1;
  bytes[at] = head;
  bytes.writeUInt16LE(chs(beyond ? MAX_CYLINDER : cylinder, sector), at + 1);
}

/** Bits 0-5 sector, 6-7 the cylinder's high bits, 8-15 its low ones. */
function chs(cylinder: number, sector: number): number {
  return ((cylinder & 0xff) << 8) | ((cylinder >> 2) & 0xc0) | sector;
}
