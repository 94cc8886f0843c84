import { beforeEach, describe, expect, test } from '@jest/globals';
import { WorkQueue } from '../../../src/runtime/workqueue.ts';
import { FakeClock } from '../../support/fake-clock.ts';

let clock: FakeClock;
let queue: WorkQueue;

beforeEach(() => {
  clock = new FakeClock();
  // The largest random number: the full delay, so that it can be reasoned about.
  queue = new WorkQueue(clock, { baseMs: 100, maxMs: 1000 }, () => 1);
});

/** Takes what is there now, and says that it is done. */
async function drain(): Promise<string[]> {
  const keys: string[] = [];
  while (queue.length > 0) {
    const key = (await queue.get()) ?? '';
    keys.push(key);
    queue.done(key);
  }
  return keys;
}

describe('a key', () => {
  test('waits at most once, in order of its first arrival', async () => {
    for (const key of ['a', 'b', 'a', 'c', 'b']) queue.add(key);
    expect(await drain()).toEqual(['a', 'b', 'c']);
  });

  test('that is added while it is worked on runs once more, afterwards', async () => {
    queue.add('a');
    expect(await queue.get()).toBe('a');
    queue.add('a');
    queue.add('a');
    expect(queue.length).toBe(0);
    queue.done('a');
    expect(await drain()).toEqual(['a']);
  });

  test('goes straight to a worker that waits', async () => {
    const first = queue.get();
    const second = queue.get();
    queue.add('a');
    queue.add('a');
    queue.add('b');
    expect(await Promise.all([first, second])).toEqual(['a', 'b']);
    // The second add of "a" came while it was worked on.
    queue.done('a');
    expect(await drain()).toEqual(['a']);
  });

  test('is never with two workers', async () => {
    let atOnce = 0;
    let most = 0;
    let runs = 0;
    const worker = async (): Promise<void> => {
      for (let key = await queue.get(); key !== undefined; key = await queue.get()) {
        atOnce += 1;
        most = Math.max(most, atOnce);
        await clock.settle();
        atOnce -= 1;
        runs += 1;
        queue.done(key);
      }
    };
    const workers = [worker(), worker(), worker()];
    for (let i = 0; i < 20; i += 1) {
      queue.add('a');
      await clock.settle();
    }
    await clock.settle();
    queue.close();
    await Promise.all(workers);
    expect(most).toBe(1);
    expect(runs).toBeGreaterThan(1);
  });
});

describe('a delayed add', () => {
  test('comes when its time has come, not before', async () => {
    queue.addAfter('a', 100);
    await clock.advance(99);
    expect(queue.length).toBe(0);
    await clock.advance(1);
    expect(await drain()).toEqual(['a']);
  });

  test.each([
    { first: 100, second: 50, at: 50, why: 'the second is earlier' },
    { first: 50, second: 100, at: 50, why: 'the first is earlier' },
  ])('counts once, the earliest: $why', async ({ first, second, at }) => {
    queue.addAfter('a', first);
    queue.addAfter('a', second);
    expect(clock.pending).toBe(1);
    await clock.advance(at);
    expect(await drain()).toEqual(['a']);
    await clock.advance(1000);
    expect(queue.length).toBe(0);
  });

  test('of a key that is worked on waits for its end', async () => {
    queue.add('a');
    await queue.get();
    queue.addAfter('a', 10);
    await clock.advance(10);
    expect(queue.length).toBe(0);
    queue.done('a');
    expect(await drain()).toEqual(['a']);
  });
});

describe('back-off', () => {
  test('doubles for each failure of a key, up to the most, and not for other keys', async () => {
    const delays: number[] = [];
    for (let i = 0; i < 6; i += 1) {
      delays.push(queue.addRateLimited('a'));
      await clock.advance(1000);
      await drain();
    }
    expect(delays).toEqual([100, 200, 400, 800, 1000, 1000]);
    expect(queue.addRateLimited('b')).toBe(100);
  });

  test('starts anew after forget', () => {
    queue.addRateLimited('a');
    queue.addRateLimited('a');
    queue.forget('a');
    expect(queue.addRateLimited('a')).toBe(100);
  });

  test('is spread over its last quarter', () => {
    const early = new WorkQueue(clock, { baseMs: 100, maxMs: 1000 }, () => 0);
    expect(early.addRateLimited('a')).toBe(75);
  });

  test('does not overflow after very many failures', () => {
    let delay = 0;
    for (let i = 0; i < 5000; i += 1) delay = queue.addRateLimited('a');
    expect(delay).toBe(1000);
  });
});

describe('a closed queue', () => {
  test('hands out what waits, then ends its workers', async () => {
    queue.add('a');
    queue.close();
    queue.add('b');
    expect(await queue.get()).toBe('a');
    expect(await queue.get()).toBeUndefined();
  });

  test('ends workers that wait and forgets what is delayed', async () => {
    const waiting = queue.get();
    queue.addAfter('a', 10);
    queue.close();
    expect(await waiting).toBeUndefined();
    expect(clock.pending).toBe(0);
  });
});

test('no key is lost: whatever is added while others are worked on is worked on afterwards', async () => {
  const random = generator(42);
  const lastAdd = new Map<string, number>();
  const lastStart = new Map<string, number>();
  let step = 0;
  const worker = async (): Promise<void> => {
    for (let key = await queue.get(); key !== undefined; key = await queue.get()) {
      lastStart.set(key, (step += 1));
      await clock.sleep(random() * 20);
      queue.done(key);
    }
  };
  const workers = Array.from({ length: 4 }, () => worker());
  for (let i = 0; i < 1000; i += 1) {
    const key = `k${Math.floor(random() * 20)}`;
    lastAdd.set(key, (step += 1));
    if (random() < 0.7) queue.add(key);
    else queue.addAfter(key, random() * 30);
    if (random() < 0.5) await clock.advance(random() * 5);
  }
  await clock.advance(10_000);
  queue.close();
  await Promise.all(workers);
  for (const [key, added] of lastAdd) {
    expect({ key, after: (lastStart.get(key) ?? 0) > added }).toEqual({ key, after: true });
  }
});

/** Numbers in [0, 1) that are the same in every run (mulberry32). */
function generator(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let t = Math.imul(state ^ (state >>> 15), 1 | state);
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t;
    return ((t ^ (t >>> 14)) >>> 0) / 2 ** 32;
  };
}
