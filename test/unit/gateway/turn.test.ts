import { expect, test } from '@jest/globals';
import { atEndOfTurn } from '../../../src/gateway/turn.ts';

const turn = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));

test('sends nothing before the end of the turn, then everything in its order', async () => {
  const sent: string[] = [];
  for (const name of ['a', 'b', 'c']) atEndOfTurn(() => sent.push(name));
  await Promise.resolve();
  expect(sent).toEqual([]);
  await turn();
  expect(sent).toEqual(['a', 'b', 'c']);
});

test('what is asked for while sending goes out with the next turn', async () => {
  const sent: string[] = [];
  atEndOfTurn(() => {
    sent.push('first');
    atEndOfTurn(() => sent.push('second'));
  });
  await turn();
  expect(sent).toEqual(['first']);
  await turn();
  expect(sent).toEqual(['first', 'second']);
});
