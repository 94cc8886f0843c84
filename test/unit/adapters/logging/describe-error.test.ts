import { describe, expect, test } from '@jest/globals';
import { describeError } from '../../../../src/adapters/logging/describe-error.ts';

const refused = new Error('connect ECONNREFUSED');

describe('an error in a line of the log', () => {
  test.each<{ why: string; error: Error; line: string }>([
    { why: 'alone', error: new TypeError('no'), line: 'TypeError: no' },
    {
      why: 'with its causes',
      error: new Error('a', { cause: new Error('b', { cause: refused }) }),
      line: 'Error: a (Error: b (Error: connect ECONNREFUSED))',
    },
    {
      why: 'with those of several',
      error: new AggregateError([refused, 'no error', new Error('timeout')], 'nobody there'),
      line: 'AggregateError: nobody there (Error: connect ECONNREFUSED; Error: timeout)',
    },
  ])('$why', ({ error, line }) => {
    expect(describeError(error)).toBe(line);
  });

  test('that causes itself ends', () => {
    const ring = new Error('ring');
    ring.cause = ring;
    expect(describeError(ring).match(/ring/g)).toHaveLength(6);
  });
});
