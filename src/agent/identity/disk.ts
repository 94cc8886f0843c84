import { closeSync, openSync, readSync } from 'node:fs';
import { IDENTITY_MARK } from '../../api/agent-protocol.ts';

/** Where OSv shows a guest's second disk. */
const DEVICE = '/dev/vblk1';
/** Files of an ISO 9660 image begin at a multiple of this. */
const SECTOR_BYTES = 2048;
/** A disk with one small file on it is smaller; another disk is not read to its end. */
const MAX_SECTORS = 512;

/**
 * The variables on the disk that tells a guest who it is (boot Bios), from the file that
 * begins with {@link IDENTITY_MARK}; no file system is read. None where there is no such disk.
 */
export function identityFromDisk(device = DEVICE): Readonly<Record<string, string>> {
  const text = findSector(device) ?? '';
  const pairs = text.split('\n').flatMap((line): [string, string][] => {
    const at = line.indexOf('=');
    return at === -1 ? [] : [[line.slice(0, at), line.slice(at + 1)]];
  });
  return Object.fromEntries(pairs);
}

function findSector(device: string): string | undefined {
  let fd: number;
  try {
    fd = openSync(device, 'r');
  } catch {
    return undefined;
  }
  try {
    const sector = Buffer.alloc(SECTOR_BYTES);
    for (let at = 0; at < MAX_SECTORS; at += 1) {
      const bytes = readSync(fd, sector, 0, SECTOR_BYTES, at * SECTOR_BYTES);
      if (bytes === 0) return undefined;
      const text = sector.toString('latin1', 0, bytes).split('\0', 1)[0] ?? '';
      if (text.startsWith(`${IDENTITY_MARK}\n`)) return text;
    }
    return undefined;
  } finally {
    closeSync(fd);
  }
}
