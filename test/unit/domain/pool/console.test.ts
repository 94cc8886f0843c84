import { expect, test } from '@jest/globals';
import { lastLines } from '../../../../src/domain/pool/console.ts';

test('of a console the last lines are left, fit for a sentence', () => {
  expect(lastLines('')).toBe('');
  expect(lastLines('one\r\n\r\n  two \n')).toBe('one | two');
  expect(lastLines('1\n2\n3\n4\n5\n6\n7')).toBe('3 | 4 | 5 | 6 | 7');
  expect(lastLines('\u001b[31mred\u001b[0m\u0007 alert\u0000')).toBe('red alert');
});

test.each([
  {
    text: 'Assertion failed: px != 0\n[backtrace]\n0x0000000040201234 <f+1>\n',
    says: 'Assertion failed: px != 0',
  },
  {
    text: 'page fault outside application, addr: 0x8\n[registers]\nRIP: 0x1\nRFL: 0x2\nR10: 0x3\n[backtrace]\n0x4 <g>',
    says: 'page fault outside application, addr: 0x8',
  },
  {
    text: 'Out of memory: could not reclaim any further.\n1\n2\n3\n4\n5\n6',
    says: 'Out of memory: could not reclaim any further. | 3 | 4 | 5 | 6',
  },
  { text: 'up\nsyscall(): unimplemented system call 125\n', says: 'up' },
  {
    text: "Error: Cannot find module 'x'\n    at Module._load (node:internal/modules:1:1)\n\nNode.js v26",
    says: "Error: Cannot find module 'x' | Node.js v26",
  },
])('what names the failure is said: $says', ({ text, says }) => {
  expect(lastLines(text)).toBe(says);
});

test('however long its lines are', () => {
  const all = lastLines(`${'a'.repeat(100_000)}\n${'b'.repeat(500)} the end`);
  expect(all).toHaveLength(600);
  expect(all).toMatch(/^…a+ \| b+ the end$/);
});
