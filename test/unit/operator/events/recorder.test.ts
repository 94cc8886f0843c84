import { beforeEach, expect, test } from '@jest/globals';
import { EventRecorder, type Happening } from '../../../../src/operator/events/recorder.ts';
import { silentLogger } from '../../../../src/runtime/log.ts';
import { FakeClock } from '../../../support/fake-clock.ts';

const POOL = { kind: 'OsvPool', name: 'node', namespace: 'pools', uid: 'uid-1' } as const;
const LOST: Happening = {
  type: 'Warning',
  reason: 'VmLost',
  action: 'Replace',
  note: 'it is gone',
};

let clock: FakeClock;
let created: { metadata: { name: string }; note: string }[];
let patched: { name: string; patch: unknown }[];
let write: () => Promise<void>;
let recorder: EventRecorder;

beforeEach(() => {
  clock = new FakeClock(1_000);
  created = [];
  patched = [];
  write = () => Promise.resolve();
  const client = {
    create: async (_resource: unknown, event: never) => {
      await write();
      created.push(event);
      return event;
    },
    patch: async ({ name }: { name: string }, patch: unknown) => {
      await write();
      patched.push({ name, patch });
      return {} as never;
    },
  };
  recorder = new EventRecorder({ client, clock, log: silentLogger });
});

test('an Event says of what, what, and who saw it', async () => {
  recorder.record(POOL, LOST);
  await clock.advance(0);
  expect(created).toEqual([
    {
      apiVersion: 'events.k8s.io/v1',
      kind: 'Event',
      metadata: { name: expect.stringMatching(/^node\.[0-9a-f]{16}$/), namespace: 'pools' },
      ...LOST,
      eventTime: '1970-01-01T00:00:01.000000Z',
      reportingController: 'faas.osv.io/operator',
      reportingInstance: 'faas.osv.io/operator',
      regarding: { apiVersion: 'faas.osv.io/v1alpha1', ...POOL },
    },
  ]);
});

test('repetitions are one series, written once in a while', async () => {
  for (let n = 0; n < 50; n += 1) recorder.record(POOL, LOST);
  await clock.advance(60_000);
  expect(created).toHaveLength(1);
  const series = { count: 50, lastObservedTime: '1970-01-01T00:00:04.000000Z' };
  expect(patched).toEqual([{ name: created[0]?.metadata.name, patch: { series } }]);
  expect(clock.pending).toBe(0);
});

test('a note is masked and cut where the API server would refuse it', async () => {
  recorder.record(POOL, {
    ...LOST,
    note: `get https://u:p@h/a from 10.2.3.4 ${'é'.repeat(2_000)}`,
  });
  await clock.advance(0);
  const note = created[0]?.note ?? '';
  expect(note).toContain('get https://h/a from [address] éé');
  expect(Buffer.byteLength(note)).toBeLessThanOrEqual(1_024);
  expect(note).not.toContain('\ufffd');
});

test('what cannot be written is lost, and what comes after it is not', async () => {
  write = () => Promise.reject(new Error('forbidden'));
  recorder.record(POOL, LOST);
  await clock.advance(0);
  write = () => Promise.resolve();
  recorder.record(POOL, LOST);
  await clock.advance(0);
  expect(created).toHaveLength(1);
});

test('while nothing can be written only so many wait', async () => {
  const { promise, resolve } = Promise.withResolvers<undefined>();
  write = () => promise;
  for (let n = 0; n < 500; n += 1) recorder.record({ ...POOL, uid: `${n}` }, LOST);
  resolve(undefined);
  await clock.advance(0);
  for (let n = 0; n < 1_000; n += 1) await Promise.resolve();
  expect(created).toHaveLength(101);
});
