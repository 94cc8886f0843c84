import { expect, test } from '@jest/globals';
import { lastLines } from '../../../../src/domain/pool/console.ts';

test('of a console the last lines are left, fit for a sentence', () => {
  expect(lastLines('')).toBe('');
  expect(lastLines('one\r\n\r\n  two \n')).toBe('one | two');
  expect(lastLines('1\n2\n3\n4\n5\n6\n7')).toBe('3 | 4 | 5 | 6 | 7');
  expect(lastLines('\u001b[31mred\u001b[0m\u0007 alert\u0000')).toBe('red alert');
});

test('however long its lines are', () => {
  const all = lastLines(`${'a'.repeat(100_000)}\n${'b'.repeat(500)} the end`);
  expect(all).toHaveLength(600);
  expect(all).toMatch(/^…a+ \| b+ the end$/);
});
