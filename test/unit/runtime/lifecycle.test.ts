import { beforeEach, describe, expect, test } from '@jest/globals';
import { Lifecycle, type Part } from '../../../src/runtime/lifecycle.ts';
import { FakeClock } from '../../support/fake-clock.ts';
import { recordingLogger, type LogLine } from '../../support/recording-logger.ts';

let clock: FakeClock;
let lines: LogLine[];
let seen: string[];
let lifecycle: Lifecycle;

beforeEach(() => {
  clock = new FakeClock();
  lines = [];
  seen = [];
  lifecycle = new Lifecycle(clock, recordingLogger(lines), 1000);
});

function part(name: string, more: Partial<Part> = {}): Part {
  return {
    name,
    start: () => {
      seen.push(`start ${name}`);
      return more.start?.();
    },
    stop: () => {
      seen.push(`stop ${name}`);
      return more.stop?.();
    },
  };
}

test('parts start in order, each after the one before, and stop in reverse', async () => {
  const slow = part('a', {
    start: async () => {
      await clock.sleep(100);
      seen.push('a is up');
    },
  });
  const started = lifecycle.start([slow, part('b'), part('c')]);
  await clock.advance(100);
  await started;
  await lifecycle.stop();
  expect(seen).toEqual([
    ...['start a', 'a is up', 'start b', 'start c'],
    ...['stop c', 'stop b', 'stop a'],
  ]);
});

describe('a start that fails', () => {
  test('stops what had been started, and says which it was', async () => {
    const broken = part('b', { start: () => Promise.reject(new Error('port taken')) });
    const start = lifecycle.start([part('a'), broken, part('c')]);
    await expect(start).rejects.toMatchObject({
      message: 'b did not start',
      cause: { message: 'port taken' },
    });
    expect(seen).toEqual(['start a', 'start b', 'stop a']);
  });
});

describe('a stop that', () => {
  test('fails is logged, and the others have their turn', async () => {
    const broken = part('b', { stop: () => Promise.reject(new Error('boom')) });
    await lifecycle.start([part('a'), broken]);
    await lifecycle.stop();
    expect(seen.slice(2)).toEqual(['stop b', 'stop a']);
    expect(lines).toMatchObject([{ level: 'error', fields: { part: 'b' } }]);
  });

  test('hangs loses its turn at the deadline', async () => {
    const hangs = part('b', { stop: () => new Promise(() => undefined) });
    await lifecycle.start([part('a'), hangs]);
    const stopped = lifecycle.stop();
    await clock.advance(999);
    expect(seen).not.toContain('stop a');
    await clock.advance(1);
    await stopped;
    expect(seen).toContain('stop a');
    expect(String(lines[0]?.fields['error'])).toContain('b did not stop within 1000 ms');
  });

  test('is called twice happens once, and both wait', async () => {
    await lifecycle.start([part('a', { stop: () => clock.sleep(100) })]);
    const both = Promise.all([lifecycle.stop(), lifecycle.stop()]);
    await clock.advance(100);
    await both;
    expect(seen).toEqual(['start a', 'stop a']);
    expect(clock.pending).toBe(0);
  });
});

test('a stop during the start: what is being started is stopped too, the rest is not started', async () => {
  const slow = part('b', { start: () => clock.sleep(100) });
  const started = lifecycle.start([part('a'), slow, part('c')]);
  await clock.advance(10);
  const stopped = lifecycle.stop();
  await clock.advance(200);
  await expect(started).rejects.toThrow('stopped while starting');
  await stopped;
  expect(seen).toEqual(['start a', 'start b', 'stop b', 'stop a']);
});
