const MIB = 1024 * 1024;
/** What libuv starts if nobody says otherwise. */
const MOST = 4;
const MIB_PER_THREAD = 128;

/**
 * Threads for libuv's pool (asynchronous files, DNS, crypto and zlib of user code) in a machine
 * with so much memory. Each has a stack of 8 MiB, which OSv takes whole, and all start at the
 * first use: four would be a quarter of a VM of 128 MiB.
 */
export function poolThreads(memoryBytes: number): number {
  return Math.min(MOST, Math.max(1, Math.floor(memoryBytes / MIB / MIB_PER_THREAD)));
}
