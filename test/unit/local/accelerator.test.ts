import { expect, test } from '@jest/globals';
import { hasVirtualisation } from '../../../src/local/drivers/qemu/accelerator.ts';

test.each([
  { why: 'Intel', flags: 'fpu vme vmx ssse3', has: true },
  { why: 'AMD, the last of its flags', flags: 'fpu svm', has: true },
  { why: 'neither, as in a VM without nesting', flags: 'fpu vme ssse3', has: false },
  { why: 'a word that holds one', flags: 'fpu vmxnet svm_lock', has: false },
])('$why: $has', ({ flags, has }) => {
  expect(hasVirtualisation(`processor\t: 0\nflags\t\t: ${flags}\nbugs\t\t: svm\n`)).toBe(has);
});
