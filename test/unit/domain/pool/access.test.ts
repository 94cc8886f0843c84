import { expect, test } from '@jest/globals';
import type { OsvPoolSpec } from '../../../../src/api/types.ts';
import { mayUse } from '../../../../src/domain/pool/access.ts';
import { aPool } from '../../support/objects.ts';

interface Row {
  allowed: OsvPoolSpec['allowedNamespaces'];
  namespace: string;
  may: boolean;
  why: string;
}

test.each<Row>([
  { allowed: { from: 'Same' }, namespace: 'pools', may: true, why: "the pool's own" },
  { allowed: { from: 'Same' }, namespace: 'shop', may: false, why: 'any other' },
  { allowed: { from: 'All' }, namespace: 'shop', may: true, why: 'everybody' },
  { allowed: { from: 'Names', names: ['shop'] }, namespace: 'shop', may: true, why: 'named' },
  { allowed: { from: 'Names', names: ['shop'] }, namespace: 'sho', may: false, why: 'part of one' },
  {
    allowed: { from: 'Names', names: ['shop'] },
    namespace: 'pools',
    may: false,
    why: 'who lists names lists its own too',
  },
  { allowed: { from: 'Names' }, namespace: 'shop', may: false, why: 'no names, nobody' },
])('from $allowed.from, namespace $namespace: $why', ({ allowed, namespace, may }) => {
  expect(mayUse(aPool({ allowedNamespaces: allowed }), namespace)).toBe(may);
});
