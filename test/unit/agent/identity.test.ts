import { describe, expect, test } from '@jest/globals';
import { parseIdentity } from '../../../src/agent/identity/adopt.ts';
import { sfc32 } from '../../../src/agent/identity/random.ts';

const GOOD = {
  vmId: 'vm-1',
  publicKey: 'A'.repeat(43),
  entropy: Buffer.alloc(64, 1).toString('base64'),
  now: 1_790_000_000_000,
};

describe('an identity call', () => {
  test('is taken as it is', () => {
    expect(parseIdentity(JSON.stringify(GOOD))).toEqual(GOOD);
  });

  test.each([
    { why: 'a name is needed', change: { vmId: '' }, names: 'vmId must be' },
    { why: 'a template is nobody', change: { vmId: 'template' }, names: 'vmId must be' },
    { why: 'a key that is none', change: { publicKey: 'A' }, names: 'publicKey must be 32 bytes' },
    { why: 'too little entropy', change: { entropy: 'AAAA' }, names: 'entropy must be 64 bytes' },
    { why: 'a time that is none', change: { now: '12:00' }, names: 'now must be milliseconds' },
  ])('$why: $names', ({ change, names }) => {
    expect(() => parseIdentity(JSON.stringify({ ...GOOD, ...change }))).toThrow(names);
  });

  test('does not repeat a secret in its error', () => {
    const entropy = 'c2VjcmV0';
    expect(() => parseIdentity(JSON.stringify({ ...GOOD, entropy }))).not.toThrow(entropy);
  });

  test.each(['', '{', '[]', 'null', '1'])('%s is none', (json) => {
    expect(() => parseIdentity(json)).toThrow(/must be/);
  });
});

describe('the generator behind Math.random', () => {
  test('gives 32 bits, each set half of the time', () => {
    const next = sfc32(Buffer.from('0123456789abcdef'));
    const counts = Array<number>(32).fill(0);
    for (let draw = 0; draw < 10_000; draw += 1) {
      const value = next();
      expect(Number.isInteger(value) && value >= 0 && value < 2 ** 32).toBe(true);
      counts.forEach((_, bit) => (counts[bit] = (counts[bit] ?? 0) + ((value >>> bit) & 1)));
    }
    for (const count of counts) expect(Math.abs(count - 5_000)).toBeLessThan(300);
  });

  test('goes another way for each seed', () => {
    const [a, b] = [sfc32(Buffer.alloc(16, 1)), sfc32(Buffer.alloc(16, 2))];
    expect(Array.from({ length: 9 }, a)).not.toEqual(Array.from({ length: 9 }, b));
  });
});
