import { describe, expect, test } from '@jest/globals';
import { renderFile } from '../../../src/cli/vmi/render.ts';
import { EXAMPLE } from '../../../src/cli/vmi/vmi.ts';

const pool = (spec: string, kind = 'OsvPool'): string =>
  `apiVersion: faas.osv.io/v1alpha1\nkind: ${kind}\nmetadata: { name: p }\nspec: ${spec}\n`;
const GOOD =
  '{ image: { kernel: { image: k }, disk: { containerDisk: { image: d } } }, warm: { min: 1 } }';
const render = (text: string): string => renderFile('pool.yaml', text, EXAMPLE);

test('every pool of a file is a document, whatever stands between them', () => {
  const text = [pool(GOOD), pool('{}', 'Function'), pool(GOOD)].join('---\n');
  expect(render(text).match(/^kind: .*$/gm)).toEqual(Array(2).fill('kind: VirtualMachineInstance'));
});

test('the identity is the one that was asked for', () => {
  const identity = { vmId: 'abcd0123-0000', publicKey: 'key' };
  const text = renderFile('pool.yaml', pool(GOOD), identity);
  expect(text).toContain('name: p-abcd0123');
  expect(text).toContain('OSV_FAAS_VM_ID=abcd0123-0000 --env=OSV_FAAS_PUBLIC_KEY=key');
});

describe('a file that is wrong is named, with field and rule', () => {
  const rows: { why: string; text: string; says: string }[] = [
    { why: 'no pool', text: pool('{}', 'Function'), says: 'pool.yaml: holds no OsvPool' },
    { why: 'no YAML', text: 'kind: [', says: 'pool.yaml: ' },
    {
      why: 'a field is missing',
      text: pool('{ warm: { min: 1 } }'),
      says: "pool.yaml: spec must have required property 'image'",
    },
    {
      why: 'a value that is none of those allowed',
      text: pool(GOOD.replace('{ image:', '{ runtime: Ruby, image:')),
      says: 'pool.yaml: spec.runtime must be equal to one of the allowed values ["Node","Java","Native"], got "Ruby"',
    },
    {
      why: 'a number out of bounds',
      text: pool(GOOD.replace('min: 1', 'min: -1')),
      says: 'pool.yaml: spec.warm.min must be >= 0, got -1',
    },
  ];
  test.each(rows)('$why', ({ text, says }) => {
    expect(() => render(text)).toThrow(says);
  });
});
