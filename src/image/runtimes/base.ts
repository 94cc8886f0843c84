import type { Entry, FileTree } from '../tree.ts';

/**
 * Without procfs: with it Node 18 to 22 stop before any JavaScript, since the
 * kernel's /proc/self/maps fails on a mapping that has no file (docs/image.md).
 */
const FSTAB = [
  '/dev/vblk0.1 /    rofs  defaults 0 0',
  'none         /dev devfs defaults 0 0',
  'none         /sys sysfs defaults 0 0',
  'none         /tmp ramfs defaults 0 0',
];

/** Field 24 is the resident size in pages: process.memoryUsage() reads it and would throw without the file. */
const RSS_FIELD = 24;
const RSS_PAGES = 16_384;
const STAT_FIELDS = 52;

/** What every image has, whatever runs in it. The root is read-only, so mount points must be there already. */
export function baseFiles(): FileTree {
  return new Map<string, Entry>([
    ['/etc/fstab', text(FSTAB)],
    ['/etc/hosts', text(['127.0.0.1 localhost osv.local'])],
    ['/etc/mnttab', { kind: 'link', target: '/proc/mounts' }],
    ['/proc/mounts', text(FSTAB)],
    ['/proc/self/maps', text([])],
    ['/proc/self/stat', text([selfStat()])],
    ...['/data', '/dev', '/sys', '/tmp'].map((path): [string, Entry] => [path, { kind: 'folder' }]),
  ]);
}

function selfStat(): string {
  const fields = Array.from({ length: STAT_FIELDS }, (_, index) =>
    index + 1 === RSS_FIELD ? RSS_PAGES : 0,
  );
  return ['2 (osv) R', ...fields.slice(3)].join(' ');
}

function text(lines: readonly string[]): Entry {
  return { kind: 'bytes', bytes: Buffer.from(lines.map((line) => `${line}\n`).join('')) };
}
