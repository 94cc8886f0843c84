import { describe, expect, test } from '@jest/globals';
import type { OsvPoolSpec } from '../../../../src/api/types.ts';
import { canonical, poolRevision } from '../../../../src/domain/vmi/revision.ts';
import { aPool } from '../../support/objects.ts';

const { spec } = aPool();
const { image, machine } = spec;

describe('a pool’s revision', () => {
  const changed: { why: string; to: Partial<OsvPoolSpec> }[] = [
    {
      why: 'another kernel',
      to: { image: { ...image, kernel: { image: 'k:2', path: '/k', pullPolicy: 'Never' } } },
    },
    {
      why: 'another disk',
      to: { image: { ...image, disk: { persistentVolumeClaim: { claimName: 'd' } } } },
    },
    { why: 'the same names, another content', to: { image: { ...image, digest: 'sha256:1' } } },
    { why: 'another command', to: { image: { ...image, command: ['/a'] } } },
    { why: 'more memory', to: { machine: { ...machine, memory: '256Mi' } } },
    { why: 'a serial log', to: { machine: { ...machine, serialLog: true } } },
    { why: 'another network', to: { network: { binding: 'Bridge' } } },
    { why: 'other nodes', to: { scheduling: { nodeSelector: { disk: 'ssd' } } } },
    { why: 'another runtime', to: { runtime: 'Java' } },
  ];
  test.each(changed)('changes with what shapes a VM: $why', ({ to }) => {
    expect(poolRevision({ ...spec, ...to })).not.toBe(poolRevision(spec));
  });

  const same: { why: string; to: Partial<OsvPoolSpec> }[] = [
    { why: 'how many wait', to: { warm: { ...spec.warm, min: 9, refillPerSecond: 1 } } },
    { why: 'how many there may be', to: { maxVms: 5 } },
    { why: 'who may use it', to: { allowedNamespaces: { from: 'All' } } },
    { why: 'prices', to: { prices: { currency: 'EUR', cpuSecond: '1', memoryGibSecond: '1' } } },
    { why: 'a field that is not there, said so', to: { scheduling: undefined } as never },
  ];
  test.each(same)('does not replace VMs for $why', ({ to }) => {
    expect(poolRevision({ ...spec, ...to })).toBe(poolRevision(spec));
  });

  test('does not depend on the order of fields', () => {
    const turned = Object.fromEntries(Object.entries(machine).toReversed()) as typeof machine;
    expect(poolRevision({ ...spec, machine: turned })).toBe(poolRevision(spec));
  });

  test('is a label value', () => {
    expect(poolRevision(spec)).toMatch(/^[a-z0-9]{1,13}$/);
  });
});

describe('canonical JSON', () => {
  test.each([
    {
      value: { b: 1, a: { d: [2, 'x'], c: null } },
      text: '{"a":{"c":null,"d":[2,"x"]},"b":1}',
      why: 'sorted at every depth',
    },
    { value: [3, 1, 2], text: '[3,1,2]', why: 'the order of a list means something' },
    { value: { a: undefined }, text: '{}', why: 'nothing is nothing' },
    { value: { 'a"b': 'c"d' }, text: '{"a\\"b":"c\\"d"}', why: 'names are escaped as values are' },
    { value: true, text: 'true', why: 'no object at all' },
  ])('$text: $why', ({ value, text }) => {
    expect(canonical(value)).toBe(text);
  });
});
