import { beforeEach, expect, test } from '@jest/globals';
import { Fleet } from '../../../../src/operator/vms/fleet.ts';
import { LastWords, type Loss } from '../../../../src/operator/vms/last-words.ts';
import type { Vm } from '../../../../src/operator/vms/vm.ts';
import { silentLogger } from '../../../../src/runtime/log.ts';
import { FakeClock } from '../../../support/fake-clock.ts';
import { aVm } from '../../support/vms.ts';

const KEY = 'pools/node-1';

let clock: FakeClock;
let fleet: Fleet;
let lost: Loss[];
let read: () => Promise<string | undefined>;
let lastWords: LastWords;

beforeEach(() => {
  clock = new FakeClock();
  fleet = new Fleet(clock);
  lost = [];
  read = () => Promise.resolve('booting\npage fault outside application\n');
  lastWords = new LastWords({
    ...{ fleet, clock, log: silentLogger },
    readConsole: () => read(),
    lost: (loss) => lost.push(loss),
  });
});

function lose(reason: string, changes: Partial<Vm> = {}): void {
  fleet.put(aVm(changes));
  fleet.update(KEY, { stage: 'deleting', reason });
}

test('a VM that was lost leaves a cause, KubeVirt’s words and its last lines', async () => {
  lose('GuestEnded', { problem: 'SyncFailed: no', ending: 'not running' });
  await lastWords.heard(KEY);
  const cause = 'its guest ended';
  const words = `${cause}; SyncFailed: no; not running; booting | page fault outside application`;
  expect(lost).toMatchObject([{ from: 'starting', cause, words }]);
  expect(clock.pending).toBe(0);
});

test.each(['Idle', 'Surplus', 'Outdated', 'PoolDeleted'])(
  'one that goes as %s is not asked',
  async (reason) => {
    lose(reason, { stage: 'generic' });
    await lastWords.heard(KEY);
    expect(lost).toEqual([]);
  },
);

test('its deletion waits for the console, but not for long', async () => {
  read = () => new Promise(() => undefined);
  lose('NotReady');
  await clock.advance(2_999);
  expect(lastWords.hears(KEY)).toBe(true);
  await clock.advance(1);
  await lastWords.heard(KEY);
  expect(lastWords.hears(KEY)).toBe(false);
  expect(lost).toMatchObject([{ words: 'it was not ready in time' }]);
});

test('a console that cannot be read leaves what is known', async () => {
  read = () => Promise.reject(new Error('forbidden'));
  lose('NoAnswer', { stage: 'bound' });
  await clock.advance(1_000);
  await lastWords.heard(KEY);
  expect(lost).toMatchObject([{ from: 'bound', words: 'its agent did not answer' }]);
});

test('one that was lost to a bind may have ended: KubeVirt says so a moment later', async () => {
  lose('BindFailed', { stage: 'binding' });
  await clock.advance(300);
  fleet.update(KEY, { ending: 'out of memory' });
  await clock.advance(100);
  await lastWords.heard(KEY);
  expect(lost).toMatchObject([
    { words: 'it was lost to a bind; out of memory; booting | page fault outside application' },
  ]);
});

test('one loss is told once', async () => {
  lose('GuestEnded');
  fleet.update(KEY, { uid: 'u' });
  fleet.remove(KEY);
  await lastWords.heard(KEY);
  await clock.advance(1);
  expect(lost).toHaveLength(1);
});
