import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { queueRefusal } from '../../../../src/domain/dispatch/admission.ts';

const bounds = { count: 2, bytes: 1_000 };
const REQUESTS = 'Too many requests';
const BYTES = 'too many bytes';

describe('one more request may wait', () => {
  test.each([
    { count: 0, bytes: 0, allBytes: 0, held: 500, says: undefined, why: 'alone: up to a half' },
    { count: 0, bytes: 0, allBytes: 0, held: 501, says: BYTES, why: 'alone: no more than that' },
    { count: 1, bytes: 499, allBytes: 499, held: 1, says: undefined, why: 'exactly both bounds' },
    { count: 2, bytes: 0, allBytes: 0, held: 1, says: REQUESTS, why: 'one request too many' },
    { count: 1, bytes: 500, allBytes: 500, held: 1, says: BYTES, why: 'one byte too many' },
    { count: 0, bytes: 0, allBytes: 500, held: 250, says: undefined, why: 'beside a flood' },
    { count: 0, bytes: 0, allBytes: 500, held: 251, says: BYTES, why: 'a half of the rest' },
    { count: 1, bytes: 300, allBytes: 600, held: 1, says: undefined, why: 'a third each' },
    { count: 1, bytes: 333, allBytes: 667, held: 1, says: BYTES, why: 'more than a third each' },
    { count: 0, bytes: 0, allBytes: 1_000, held: 1, says: BYTES, why: 'nothing is left' },
  ])('$why: $held beside $bytes of $allBytes bytes', ({ held, says, ...waiting }) => {
    const refusal = queueRefusal(waiting, held, bounds);
    if (says === undefined) expect(refusal).toBeUndefined();
    else expect(refusal).toContain(says);
  });

  test('nobody learns what others have waiting', () => {
    expect(queueRefusal({ count: 9, bytes: 0, allBytes: 77 }, 1, bounds)).not.toMatch(/\d/);
    expect(queueRefusal({ count: 0, bytes: 0, allBytes: 977 }, 99, bounds)).not.toMatch(/\d/);
  });
});

/** Applications by number, each with the bytes of its waiting requests, oldest first. */
type Queues = number[][];

const sum = (bytes: readonly number[]): number => bytes.reduce((all, each) => all + each, 0);

function admit(queues: Queues, app: number, held: number): boolean {
  const own = queues[app] ?? [];
  const waiting = { count: own.length, bytes: sum(own), allBytes: sum(queues.flat()) };
  const refusal = queueRefusal(waiting, held, { count: Infinity, bytes: 100_000 });
  if (refusal === undefined) queues[app] = [...own, held];
  return refusal === undefined;
}

describe('whatever comes and goes', () => {
  const app = fc.integer({ min: 0, max: 5 });
  const step = fc.record({ app, held: fc.integer({ min: 1, max: 90_000 }), leaves: fc.boolean() });

  test('the bytes are never exceeded, and who has nothing waiting gets a half of what is free', () => {
    fc.assert(
      fc.property(fc.array(step, { maxLength: 80 }), (steps) => {
        const queues: Queues = [];
        for (const { app: index, held, leaves } of steps) {
          if (leaves) queues[index]?.shift();
          else admit(queues, index, held);
          const free = 100_000 - sum(queues.flat());
          expect(free).toBeGreaterThanOrEqual(0);
          const newcomer = [...queues];
          expect(admit(newcomer, 9, Math.floor(free / 2)) || free < 2).toBe(true);
        }
      }),
    );
  });

  test('floods that go on while queues move end in fair shares', () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 1, max: 6 }),
        fc.integer({ min: 200, max: 1_000 }),
        (n, held) => {
          const queues: Queues = [];
          // The first has all the time in the world before the others come.
          while (admit(queues, 0, held));
          for (let round = 0; round < 60_000 / held; round += 1) {
            for (let index = 0; index < n; index += 1) {
              queues[index]?.splice(0, 2);
              while (admit(queues, index, held));
            }
          }
          const fair = 100_000 / (n + 1);
          for (const own of queues)
            expect(Math.abs(sum(own) - fair)).toBeLessThan(fair * 0.2 + 4 * held);
        },
      ),
      { numRuns: 20 },
    );
  });
});
