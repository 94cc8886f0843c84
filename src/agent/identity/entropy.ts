import { randomInt, randomUUID } from 'node:crypto';
import type * as nodeFfi from 'node:ffi';

/** What Node hands out in pieces after it has drawn it in one: 128 UUIDs, 6 KiB for random integers. */
const UUIDS_AT_ONCE = 128;
const INTS_AT_ONCE = 1024;

type Ffi = typeof nodeFfi;
type Seed = (bytes: Buffer, length: number) => void;
let seed: Seed | undefined;

/** Finds OpenSSL's own function in the node binary. @throws Error where Node cannot call it */
function findSeed(): Seed {
  const ffi = quietly(() => process.getBuiltinModule('node:ffi') as Ffi | undefined);
  if (ffi === undefined) {
    throw new Error('this Node cannot call OpenSSL: it has no node:ffi, which came with Node 26');
  }
  const { functions } = ffi.dlopen(null, {
    RAND_seed: { arguments: ['pointer', 'i32'], return: 'void' },
  });
  return functions.RAND_seed;
}

/** Node calls the module experimental on the console; that is ours to know, not the user's. */
function quietly<T>(task: () => T): T {
  const emitWarning = Reflect.get(process, 'emitWarning');
  process.emitWarning = () => undefined;
  try {
    return task();
  } finally {
    process.emitWarning = emitWarning;
  }
}

/**
 * Makes this VM's random numbers its own. Every clone of a template has the same
 * generators in the same state, and would draw the same keys from them. OpenSSL mixes
 * `bytes` with what the kernel's virtio device gives; its generators of the other threads
 * follow. What was drawn ahead is thrown away.
 * @throws Error where OpenSSL cannot be reached: the VM must not be used then
 */
export function mixEntropy(bytes: Buffer): void {
  seed ??= findSeed();
  seed(bytes, bytes.length);
  for (let count = 0; count < UUIDS_AT_ONCE; count += 1) randomUUID();
  for (let count = 0; count < INTS_AT_ONCE; count += 1) randomInt(2);
}
