import { describe, expect, test } from '@jest/globals';
import { bytesOf, nodeBytesOf } from '../../../src/domain/quantity.ts';

const MI = 1024 ** 2;

describe('bytes of a quantity', () => {
  test.each([
    { quantity: '128Mi', bytes: 134_217_728, why: 'powers of 1024' },
    { quantity: '1Gi', bytes: 1_073_741_824, why: 'powers of 1024' },
    { quantity: '2Ki', bytes: 2_048, why: 'powers of 1024' },
    { quantity: '128M', bytes: 128_000_000, why: 'powers of 1000' },
    { quantity: '1G', bytes: 1_000_000_000, why: 'powers of 1000' },
    { quantity: '5k', bytes: 5_000, why: 'the small k of Kubernetes' },
    { quantity: '7', bytes: 7, why: 'no unit' },
    { quantity: 134_217_728, bytes: 134_217_728, why: 'YAML without quotes' },
    { quantity: '1.5Gi', bytes: 0, why: 'the CRD does not admit it' },
    { quantity: '-1Mi', bytes: 0, why: 'the CRD does not admit it' },
  ])('$quantity: $why', ({ quantity, bytes }) => {
    expect(bytesOf(quantity)).toBe(bytes);
  });
});

describe('what a VM takes on a node', () => {
  const machine = { cpu: { cores: 1 }, memory: '128Mi', serialLog: false };
  test.each([
    { shape: machine, bytes: 384.25 * MI, why: 'as measured: 393,472 KiB' },
    {
      shape: { ...machine, serialLog: true },
      bytes: 384.25 * MI + 35e6,
      why: 'a container that keeps the log',
    },
    {
      shape: { ...machine, cpu: { cores: 4 } },
      bytes: (384.25 + 3 * 8) * MI,
      why: '8Mi for each further processor',
    },
    {
      shape: { ...machine, memory: '1Gi' },
      bytes: (1024 + 248 + 8 + 2) * MI,
      why: 'page tables: a 512th of the guest',
    },
  ])('$shape.memory, $shape.cpu.cores cores: $why', ({ shape, bytes }) => {
    expect(nodeBytesOf(shape)).toBe(bytes);
  });
});
