import { expect, test } from '@jest/globals';
import { rootPartition, withRootPartition } from '../../../src/image/disk/mbr.ts';

test('the second row, since OSv mounts vblk0.1', () => {
  const sector = withRootPartition({ start: 512, size: 1024 });
  expect(sector).toHaveLength(512);
  expect(sector.toString('hex', 0x1be, 0x1ce)).toBe('00'.repeat(16));
  // Not active; head 0, sector 2; Linux; head 0, sector 3; LBA 1; 2 sectors.
  expect(sector.toString('hex', 0x1ce, 0x1de)).toBe('00000200830003000100000002000000');
  expect(sector.toString('hex', 510)).toBe('55aa');
});

test.each([
  [512, 512],
  [4 * 1024 ** 2, 149_964_800],
  [512, 2 ** 41 - 2 ** 20],
])('a partition from %i of %i bytes comes back', (start, size) => {
  const sector = withRootPartition({ start, size });
  expect(rootPartition(sector)).toEqual({ start, size });
  // OSv passes over rows whose old style sector is 0.
  expect((sector[0x1d0] ?? 0) & 0x3f).toBeGreaterThan(0);
});

test('the boot code stays', () => {
  const code = Buffer.alloc(512, 7);
  expect(withRootPartition({ start: 512, size: 512 }, code).subarray(0, 0x1be)).toEqual(
    code.subarray(0, 0x1be),
  );
});

test('more than 2 TiB do not fit', () => {
  expect(() => withRootPartition({ start: 512, size: 2 ** 41 })).toThrow('holds 2 TiB');
});

test.each([
  ['no signature', Buffer.alloc(512)],
  ['too short', Buffer.alloc(100)],
  ['no second partition', Buffer.alloc(512).fill(Buffer.from('55aa', 'hex'), 510)],
])('%s: no partition', (_why, sector) => {
  expect(rootPartition(sector)).toBeUndefined();
});
