import { describe, expect, test } from '@jest/globals';
import { vmName } from '../../../src/domain/names.ts';

const ID = '0123abcd-ef45-4678-89ab-cdef01234567';
/** RFC 1123 label: what a pod's host name must be. */
const LABEL = /^[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?$/;

describe('the name of a VM', () => {
  test.each([
    { pool: 'node', name: 'node-0123abcdef', why: 'people see the pool in it' },
    { pool: 'node.v2', name: 'node-v2-0123abcdef', why: 'a pool may have dots, a host name not' },
    {
      pool: 'p'.repeat(253),
      name: `${'p'.repeat(52)}-0123abcdef`,
      why: 'a pool with the longest name that there is',
    },
    {
      pool: `${'p'.repeat(50)}.-.${'q'.repeat(20)}`,
      name: `${'p'.repeat(50)}-0123abcdef`,
      why: 'cut in the middle of signs',
    },
  ])('$pool: $why', ({ pool, name }) => {
    expect(vmName(pool, ID)).toBe(name);
    expect(vmName(pool, ID)).toMatch(LABEL);
  });

  test('differs for every VM', () => {
    const other = vmName('node', '9123abcd-ef45-4678-89ab-cdef01234567');
    expect(other).not.toBe(vmName('node', ID));
  });
});
