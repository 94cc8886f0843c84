import { expect, test } from '@jest/globals';
import { poolThreads } from '../../../src/agent/host/threads.ts';

const MIB = 1024 * 1024;

test.each([
  { why: 'one at least', mib: 32, threads: 1 },
  { why: 'OSv says a little less than the machine has', mib: 126.6, threads: 1 },
  { why: 'two where there is room', mib: 254, threads: 2 },
  { why: 'never more than libuv has by itself', mib: 64_000, threads: 4 },
])('$mib MiB: $threads, since $why', ({ mib, threads }) => {
  expect(poolThreads(mib * MIB)).toBe(threads);
});
