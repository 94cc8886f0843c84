import { describe, expect, test } from '@jest/globals';
import { describeError } from '../../../../src/adapters/logging/describe-error.ts';

const refused = new Error('connect ECONNREFUSED');

describe('an error in a line of the log', () => {
  test.each<{ why: string; error: Error; line: string }>([
    { why: 'alone', error: new TypeError('no'), line: 'TypeError: no' },
    {
      why: 'with its causes',
      error: new Error('a', { cause: new Error('b', { cause: refused }) }),
      line: 'Error: a (Error: b; Error: connect ECONNREFUSED)',
    },
    {
      why: 'with those of several',
      error: new AggregateError([refused, 'no error', new Error('timeout')], 'nobody there'),
      line: 'AggregateError: nobody there (Error: connect ECONNREFUSED; Error: timeout)',
    },
  ])('$why', ({ error, line }) => {
    expect(describeError(error)).toBe(line);
  });

  test('that causes itself, or is a tree of others, ends', () => {
    const ring = new Error('ring');
    ring.cause = ring;
    expect(describeError(ring)).toBe('Error: ring');
    const tree = (depth: number): Error =>
      depth === 0
        ? new Error('leaf')
        : new AggregateError(
            Array.from({ length: 5 }, () => tree(depth - 1)),
            'x'.repeat(5_000),
          );
    const line = describeError(tree(4));
    expect(line.match(/AggregateError/g)).toHaveLength(6);
    expect(line.length).toBeLessThan(6_200);
  });
});
