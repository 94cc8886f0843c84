import { expect, test } from '@jest/globals';
import { setImmediate as turn } from 'node:timers/promises';
import { Turns } from '../../../../src/operator/sources/turns.ts';

const NEVER = new AbortController().signal;

interface Job {
  readonly name: string;
  readonly end: PromiseWithResolvers<undefined>;
  readonly done: Promise<void>;
}

function jobs(turns: Turns): {
  start: (name: string, signal?: AbortSignal) => Job;
  begun: string[];
} {
  const begun: string[] = [];
  const start = (name: string, signal = NEVER): Job => {
    const end = Promise.withResolvers<undefined>();
    const work = (): Promise<void> => {
      begun.push(name);
      return end.promise;
    };
    return { name, end, done: turns.run(name.slice(0, 1), signal, work) };
  };
  return { start, begun };
}

test('of one namespace one runs, however many wait; others pass them', async () => {
  const { start, begun } = jobs(new Turns(2));
  const [a1, , b1] = [start('a1'), start('a2'), start('b1'), start('c1')];
  await turn();
  expect(begun).toEqual(['a1', 'b1']);
  b1.end.resolve(undefined);
  await turn();
  expect(begun).toEqual(['a1', 'b1', 'c1']);
  a1.end.reject(new Error('no'));
  await expect(a1.done).rejects.toThrow('no');
  await turn();
  expect(begun).toEqual(['a1', 'b1', 'c1', 'a2']);
});

test('who goes away while he waits never begins, and lets the next pass', async () => {
  const { start, begun } = jobs(new Turns(1));
  const leaving = new AbortController();
  const a1 = start('a1');
  const [b1] = [start('b1', leaving.signal), start('c1')];
  leaving.abort(new Error('gone'));
  await expect(b1.done).rejects.toThrow('gone');
  await expect(start('b2', leaving.signal).done).rejects.toThrow('gone');
  a1.end.resolve(undefined);
  await turn();
  expect(begun).toEqual(['a1', 'c1']);
});
