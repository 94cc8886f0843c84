import { expect, test } from '@jest/globals';
import { poolThreads } from '../../../../src/domain/vmi/threads.ts';

const MIB = 1024 * 1024;

test.each([
  { why: 'one at least', mib: 32, threads: 1 },
  { why: 'none for the rest of a step', mib: 191, threads: 1 },
  { why: 'two where there is room', mib: 256, threads: 2 },
  { why: 'never more than libuv has by itself', mib: 64_000, threads: 4 },
])('$mib MiB: $threads, since $why', ({ mib, threads }) => {
  expect(poolThreads(mib * MIB)).toBe(threads);
});
