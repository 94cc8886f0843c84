/** I8: usage is never counted twice and never lost silently; an estimated reading says so. */
import { beforeEach, describe, expect, test } from '@jest/globals';
import type { MeterReading } from '../../../../src/api/agent-protocol.ts';
import { UsageBook, type Usage } from '../../../../src/operator/usage/book.ts';
import { random, seeds } from '../../support/random.ts';
import { aReading } from '../../support/vms.ts';

const A = 'shop/cart@pools/node';
const B = 'bank/pay@pools/node';
let book: UsageBook;

beforeEach(() => {
  book = new UsageBook(1_000, (_application, name) => name !== 'foreign');
});

function of(application: string): Usage | undefined {
  return book.report().find((usage) => usage.application === application);
}

const at = (uptimeMs: number, cpuMs = uptimeMs / 10): MeterReading =>
  aReading('id-1', { uptimeMs, cpuMs });

test('a book says since when, and nothing of nobody', () => {
  expect(book.since).toBe(1_000);
  expect(book.report()).toEqual([]);
});

describe('one VM', () => {
  type Step = ['read' | 'final', MeterReading] | ['close'];
  const rows: { why: string; steps: Step[]; cpuMs: number; vms: number; estimatedVms: number }[] = [
    {
      why: 'a living VM will be read again: nothing is estimated',
      steps: [['read', at(1_000)]],
      cpuMs: 100,
      vms: 1,
      estimatedVms: 0,
    },
    {
      why: 'readings are totals: the last one counts',
      steps: [
        ['read', at(1_000)],
        ['read', at(2_000)],
        ['read', at(3_000)],
      ],
      cpuMs: 300,
      vms: 1,
      estimatedVms: 0,
    },
    {
      why: 'an answer that was overtaken says less',
      steps: [
        ['read', at(3_000)],
        ['read', at(1_000)],
      ],
      cpuMs: 300,
      vms: 1,
      estimatedVms: 0,
    },
    {
      why: 'drained, read, gone: exact',
      steps: [['read', at(1_000)], ['final', at(2_000)], ['close']],
      cpuMs: 200,
      vms: 1,
      estimatedVms: 0,
    },
    {
      why: 'gone between two readings: at least this much, and said so',
      steps: [['read', at(1_000)], ['close']],
      cpuMs: 100,
      vms: 1,
      estimatedVms: 1,
    },
    {
      why: 'gone before any reading: not lost silently',
      steps: [['close']],
      cpuMs: 0,
      vms: 1,
      estimatedVms: 1,
    },
    {
      why: 'a health check that was asked before and answered after the final reading takes nothing back',
      steps: [['final', at(2_000)], ['read', at(2_010)], ['close']],
      cpuMs: 201,
      vms: 1,
      estimatedVms: 0,
    },
    {
      why: 'a final reading that a health check overtook is final all the same',
      steps: [['read', at(2_010)], ['final', at(2_000)], ['close']],
      cpuMs: 201,
      vms: 1,
      estimatedVms: 0,
    },
    {
      why: 'an answer that comes when the VM is gone is not counted again',
      steps: [['final', at(2_000)], ['close'], ['read', at(2_010)]],
      cpuMs: 200,
      vms: 1,
      estimatedVms: 0,
    },
    {
      why: 'gone is gone, however often it is said',
      steps: [['final', at(2_000)], ['close'], ['close']],
      cpuMs: 200,
      vms: 1,
      estimatedVms: 0,
    },
  ];
  test.each(rows)('$why', ({ steps, cpuMs, vms, estimatedVms }) => {
    for (const [what, reading] of steps) {
      if (reading === undefined) book.close(A, 'id-1');
      else book.read(A, reading, what === 'final');
    }
    expect(of(A)).toMatchObject({ cpuMs, vms, estimatedVms });
  });
});

test('applications are kept apart and reported in order, VMs of one add up', () => {
  const meter = (name: string, by: number): MeterReading['functions'][number] => ({
    name,
    invocations: 10 * by,
    errors: by,
    cpuMs: 5 * by,
    wallMs: 100 * by,
  });
  book.read(A, aReading('id-1', { functions: [meter('cart', 1), meter('pay', 2)] }), false);
  book.read(A, aReading('id-2', { functions: [meter('cart', 3)] }), true);
  book.read(B, aReading('id-3', { uptimeMs: 2_500 }), false);
  book.close(A, 'id-2');
  expect(book.report()).toEqual([
    {
      application: B,
      vms: 1,
      cpuMs: 100,
      startCpuMs: 40,
      vmSeconds: 2.5,
      functions: [],
      estimatedVms: 0,
    },
    {
      application: A,
      vms: 2,
      cpuMs: 200,
      startCpuMs: 80,
      vmSeconds: 2,
      functions: [meter('cart', 4), meter('pay', 2)],
      estimatedVms: 0,
    },
  ]);
});

test('what a guest says of functions that are not its application’s is in no sum', () => {
  const lie = { name: 'foreign', invocations: 1, errors: 0, cpuMs: 1, wallMs: 1 };
  const twice = { ...lie, name: 'cart' };
  book.read(A, aReading('id-1', { functions: [lie, twice, twice] }), true);
  book.close(A, 'id-1');
  expect(of(A)).toMatchObject({ cpuMs: 100, functions: [twice] });
});

test('the ends of very many VMs are not remembered for ever', () => {
  for (let id = 0; id < 10_001; id += 1) book.close(A, `id-${id}`);
  expect(of(A)?.vms).toBe(10_001);
  // The first is forgotten, the last is not.
  book.read(A, aReading('id-10000'), false);
  expect(of(A)?.vms).toBe(10_001);
  book.read(A, aReading('id-0'), false);
  expect(of(A)?.vms).toBe(10_002);
});

test.each(seeds(50))(
  'whatever the order of answers, each VM counts once, in full: seed %i',
  (seed) => {
    const r = random(seed);
    const lives = Array.from({ length: r.int(1, 8) }, (_, index) => ({
      vmId: `id-${index}`,
      finalMs: r.int(1, 50) * 100,
      drained: r.int(0, 1) === 1,
    }));
    for (const { vmId, finalMs, drained } of lives) {
      const readings = [...Array.from({ length: r.int(0, 5) }, () => r.int(1, finalMs)), finalMs];
      for (const uptimeMs of readings.toSorted(() => r.next() - 0.5)) {
        book.read(
          A,
          aReading(vmId, { uptimeMs, cpuMs: uptimeMs }),
          drained && uptimeMs === finalMs,
        );
      }
      if (r.int(0, 1) === 1 || drained) book.close(A, vmId);
      if (drained) book.read(A, aReading(vmId, { uptimeMs: 9_999, cpuMs: 9_999 }), false);
    }
    expect(of(A)).toMatchObject({
      vms: lives.length,
      cpuMs: lives.reduce((sum, { finalMs }) => sum + finalMs, 0),
    });
  },
);
