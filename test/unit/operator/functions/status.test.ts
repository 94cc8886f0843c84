import { describe, expect, test } from '@jest/globals';
import type { FunctionStatus } from '../../../../src/api/types.ts';
import { NO_LOAD } from '../../../../src/domain/scaling/load.ts';
import {
  functionStatus,
  type FunctionStatusFacts,
} from '../../../../src/operator/functions/status.ts';
import { aFunction } from '../../support/objects.ts';

const NOON = Date.UTC(2026, 0, 2, 12, 0, 0);

function status(changes: Partial<FunctionStatusFacts> = {}): FunctionStatus {
  return functionStatus({
    fn: aFunction(
      { generation: 4 },
      { application: 'web', poolRef: { name: 'n', namespace: 'p' } },
    ),
    sourceProblem: undefined,
    isReading: false,
    digest: 'sha256:1',
    poolProblem: undefined,
    runtime: 'Node',
    load: undefined,
    rejected: false,
    refused: undefined,
    trouble: undefined,
    claimProblem: undefined,
    routing: { gateways: 1, behind: [] },
    vms: 3,
    backlog: 0,
    poolTrouble: undefined,
    max: 100,
    revision: 'sha256:2',
    current: 2,
    demand: { ...NO_LOAD, inFlight: 5, waiting: 1 },
    now: NOON + 17_400,
    ...changes,
  });
}

test('says whose it is, how many, how busy, since when', () => {
  const { conditions, ...rest } = status();
  expect(rest).toEqual({
    observedGeneration: 4,
    application: 'web',
    applicationId: 'shop/web@p/n',
    url: '/shop/hello/',
    replicas: 3,
    readyReplicas: 2,
    inFlight: 5,
    waiting: 1,
    revision: 'sha256:2',
    selector: 'faas.osv.io/application=web,faas.osv.io/application-namespace=shop',
    lastActiveTime: '2026-01-02T12:00:10Z',
  });
  expect(conditions?.[0]).toMatchObject({
    type: 'Ready',
    observedGeneration: 4,
    lastTransitionTime: '2026-01-02T12:00:17Z',
  });
});

test('an object without generation was never written by an API server: 0', () => {
  const { metadata, spec } = aFunction();
  Reflect.deleteProperty(metadata, 'generation');
  expect(status({ fn: { metadata, spec } }).observedGeneration).toBe(0);
});

test('what is not known is left out', () => {
  const unknown = status({ revision: undefined, demand: NO_LOAD });
  expect(unknown).not.toHaveProperty('revision');
  expect(unknown).not.toHaveProperty('lastActiveTime');
});

describe('when it was last active', () => {
  const before = { lastActiveTime: '2026-01-02T11:00:00Z' };
  const fn = { ...aFunction(), status: before };
  test.each([
    { demand: NO_LOAD, time: '2026-01-02T11:00:00Z', why: 'idle: as it was' },
    { demand: { ...NO_LOAD, waiting: 1 }, time: '2026-01-02T12:00:10Z', why: 'somebody waits' },
    { demand: { ...NO_LOAD, inFlight: 1 }, time: '2026-01-02T12:00:10Z', why: 'something runs' },
    {
      demand: { ...NO_LOAD, rate: 0.5 },
      time: '2026-01-02T12:00:10Z',
      why: 'requests came since the last look',
    },
  ])('$why', ({ demand, time }) => {
    expect(status({ fn, demand }).lastActiveTime).toBe(time);
  });

  test('moves in steps, so that a busy Function is not written every second', () => {
    const times = [10_000, 15_000, 19_999, 20_000].map(
      (ms) => status({ now: NOON + ms }).lastActiveTime,
    );
    expect(new Set(times).size).toBe(2);
  });
});

test('a condition that holds keeps its time', () => {
  const first = status();
  const fn = { ...aFunction({ generation: 5 }), status: first };
  const later = status({ fn, now: NOON + 3_600_000 });
  expect(later.conditions?.[0]).toMatchObject({
    observedGeneration: 5,
    lastTransitionTime: '2026-01-02T12:00:17Z',
  });
});

describe('what a VM said of the handler is remembered', () => {
  const failed = {
    name: 'hello',
    state: 'failed',
    reason: 'SyntaxError',
    detail: 'line 3',
  } as const;
  const handlerOf = (revision: string, load?: FunctionStatusFacts['load']): string | undefined => {
    const fn = aFunction({ generation: 5 });
    const seen = status({ load: failed });
    const { conditions } = status({ fn: { ...fn, status: seen }, revision, vms: 0, load });
    return conditions?.find(({ type }) => type === 'HandlerReady')?.reason;
  };

  test('when no VM is left, whatever else of the Function changes', () => {
    expect(handlerOf('sha256:2')).toBe('SyntaxError');
  });

  test('of this revision alone, and until a VM says something else', () => {
    expect(handlerOf('sha256:3')).toBe('NotLoadedYet');
    expect(handlerOf('sha256:2', { name: 'hello', state: 'loaded' })).toBe('Loaded');
  });
});
