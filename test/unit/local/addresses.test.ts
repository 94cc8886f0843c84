import { isIPv4 } from 'node:net';
import { expect, test } from '@jest/globals';
import { Addresses } from '../../../src/local/drivers/addresses.ts';

const ALL = 62_499;

test('every address is one, no two are the same, and one that is freed is taken again', () => {
  const addresses = new Addresses('127.100');
  const taken = Array.from({ length: ALL }, () => addresses.take());
  expect(taken.filter((address) => !isIPv4(address))).toEqual([]);
  expect(new Set(taken).size).toBe(ALL);
  expect(() => addresses.take()).toThrow('no free address in 127.100.0.0/16');
  const [first = ''] = taken;
  addresses.free(first);
  expect(addresses.take()).toBe(first);
});
