import { expect, test } from '@jest/globals';
import { createLog } from '../../../src/agent/host/log.ts';

const MAX = 16_384;

function logged(error: unknown): string {
  let line = '';
  createLog(MAX, (text) => (line = text)).error('failed', { error });
  return (JSON.parse(line) as { error: string }).error;
}

test('an error that stands for itself and others costs no more than a few of them', () => {
  const self = new AggregateError([], 'several');
  const stack = 'x'.repeat(1024 * 1024);
  const others = Array.from({ length: 5 }, () => Object.assign(new AggregateError([]), { stack }));
  self.errors = [self, ...others];
  self.cause = self;
  for (const one of others) one.errors = [self, ...others];
  Object.assign(self, { stack });
  const began = process.memoryUsage().heapUsed;
  const text = logged(self);
  // Of two megabyte texts a million parts would be made.
  expect(process.memoryUsage().heapUsed - began).toBeLessThan(16 * 1024 * 1024);
  expect(text.length).toBeLessThan(MAX + 100);
});

test('one that cannot be printed does not keep its causes from the log', () => {
  const error = new Error('outer', { cause: new Error('inner') });
  Object.defineProperty(error, 'stack', {
    get() {
      throw new Error('no');
    },
  });
  expect(logged(error)).toMatch(/^an error that cannot be printed\ncaused by: Error: inner\n/);
});
