import { randomBytes } from 'node:crypto';

const TWO_32 = 2 ** 32;
const TWO_21 = 2 ** 21;
const TWO_53 = 2 ** 53;

/**
 * V8 draws Math.random from a state that it never changes from outside, the same in every
 * clone. Here it is another generator.
 */
export function replaceMathRandom(): void {
  const bytes = randomBytes(16);
  const next = sfc32(bytes);
  Object.defineProperty(Math, 'random', {
    configurable: true,
    writable: true,
    value: function random() {
      return (next() * TWO_21 + (next() >>> 11)) / TWO_53;
    },
  });
}

/** Chris Doty-Humphrey's small fast chaotic generator, which passes PractRand; 32 bits at a call. */
export function sfc32(bytes: Buffer): () => number {
  let a = bytes.readInt32LE(0);
  let b = bytes.readInt32LE(4);
  let c = bytes.readInt32LE(8);
  let counter = bytes.readInt32LE(12);
  const next = (): number => {
    const result = (a + b + counter) | 0;
    counter = (counter + 1) | 0;
    a = b ^ (b >>> 9);
    b = (c + (c << 3)) | 0;
    c = ((c << 21) | (c >>> 11)) + result;
    return (result + TWO_32) % TWO_32;
  };
  for (let round = 0; round < 12; round += 1) next();
  return next;
}
