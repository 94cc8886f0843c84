import { beforeEach, describe, expect, test } from '@jest/globals';
import {
  createController,
  type Outcome,
  type Reconciler,
} from '../../../src/runtime/controller.ts';
import { FakeClock } from '../../support/fake-clock.ts';
import { recordingLogger, type LogLine } from '../../support/recording-logger.ts';

let clock: FakeClock;
let lines: LogLine[];
let outcomes: Outcome[];
let stop: AbortController;

beforeEach(() => {
  clock = new FakeClock();
  lines = [];
  outcomes = [];
  stop = new AbortController();
});

/** Runs a controller over one key; answers the times of its runs within `ms`. */
async function runs(reconcile: Reconciler, ms: number): Promise<number[]> {
  const times: number[] = [];
  const controller = createController(
    (key, signal) => {
      times.push(clock.now());
      return reconcile(key, signal);
    },
    {
      name: 'test',
      workers: 2,
      clock,
      log: recordingLogger(lines),
      observe: (_name, outcome) => {
        outcomes.push(outcome);
      },
    },
  );
  const ended = controller.run(stop.signal);
  controller.enqueue('ns/a');
  await clock.advance(ms);
  stop.abort();
  await ended;
  return times;
}

describe('a reconcile that', () => {
  test('succeeds runs once', async () => {
    expect(await runs(() => Promise.resolve({}), 60_000)).toEqual([0]);
    expect(outcomes).toEqual(['success']);
    expect(lines).toEqual([]);
  });

  test('asks for another time runs then', async () => {
    expect(await runs(() => Promise.resolve({ requeueAfterMs: 1000 }), 2500)).toEqual([
      0, 1000, 2000,
    ]);
    expect(outcomes).toEqual(['requeue', 'requeue', 'requeue']);
  });

  test('fails is tried again, later each time', async () => {
    const times = await runs(() => Promise.reject(new Error('boom')), 2000);
    const gaps = times.slice(1).map((time, index) => time - (times[index] ?? 0));
    // 50 ms, doubled, each less up to a quarter.
    gaps.forEach((gap, index) => {
      expect(gap).toBeGreaterThanOrEqual(0.75 * 50 * 2 ** index);
      expect(gap).toBeLessThanOrEqual(50 * 2 ** index);
    });
    expect(gaps.length).toBeGreaterThanOrEqual(4);
    expect(lines[0]).toMatchObject({ level: 'warn', message: 'reconcile failed' });
  });

  test('throws before its first await is a failure like any other', async () => {
    const sudden: Reconciler = () => {
      throw new Error('boom');
    };
    expect((await runs(sudden, 60)).length).toBe(2);
    expect(outcomes).toEqual(['error', 'error']);
  });
});

test('back-off starts anew after a success', async () => {
  let run = 0;
  const reconcile: Reconciler = () => {
    run += 1;
    if (run === 4) return Promise.resolve({ requeueAfterMs: 10_000 });
    return Promise.reject(new Error('boom'));
  };
  const times = await runs(reconcile, 10_500);
  const afterSuccess = (times[5] ?? 0) - (times[4] ?? 0);
  expect(afterSuccess).toBeGreaterThan(0);
  expect(afterSuccess).toBeLessThanOrEqual(50);
});

test('run resolves only when the reconcile in progress has ended', async () => {
  let ended = false;
  const slow: Reconciler = async () => {
    await clock.sleep(5000);
    ended = true;
    return {};
  };
  const controller = createController(slow, {
    name: 'test',
    workers: 1,
    clock,
    log: recordingLogger(lines),
    observe: () => undefined,
  });
  const running = controller.run(stop.signal).then(() => ended);
  controller.enqueue('a');
  await clock.advance(100);
  stop.abort();
  await clock.advance(10_000);
  expect(await running).toBe(true);
});

test('a controller that is stopped before it runs ends at once', async () => {
  stop.abort();
  expect(await runs(() => Promise.resolve({}), 0)).toEqual([]);
});
