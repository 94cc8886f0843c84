import { beforeEach, expect, test } from '@jest/globals';
import { VmiChecks } from '../../../../src/operator/pools/vmi-checks.ts';
import { silentLogger } from '../../../../src/runtime/log.ts';
import { FakeClock } from '../../../support/fake-clock.ts';
import { aPool } from '../../support/objects.ts';

let clock: FakeClock;
let asked: number;
let answer: () => Promise<string | undefined>;
let checks: VmiChecks;

beforeEach(() => {
  clock = new FakeClock();
  asked = 0;
  const refusal = (): Promise<string | undefined> => {
    asked += 1;
    return answer();
  };
  checks = new VmiChecks({ ...{ refusal, clock, log: silentLogger } });
});

test('KubeVirt is asked once about each revision', async () => {
  answer = () => Promise.resolve('spec.domain.cpu: no');
  const complaint = { reason: 'VmiRefused', message: 'spec.domain.cpu: no', atStart: true };
  expect(await checks.complaintOf(aPool(), 'r1')).toEqual(complaint);
  expect(await checks.complaintOf(aPool(), 'r1')).toEqual(complaint);
  answer = () => Promise.resolve(undefined);
  expect(await checks.complaintOf(aPool(), 'r2')).toBeUndefined();
  await clock.advance(3_600_000);
  expect(await checks.complaintOf(aPool(), 'r2')).toBeUndefined();
  expect(asked).toBe(2);
  checks.forget('pools/node');
  await checks.complaintOf(aPool(), 'r2');
  expect(asked).toBe(3);
});

test('who could not be asked is asked again after half a minute', async () => {
  answer = () => Promise.reject(new Error('webhook away'));
  expect(await checks.complaintOf(aPool(), 'r1')).toBeUndefined();
  await checks.complaintOf(aPool(), 'r1');
  expect(asked).toBe(1);
  await clock.advance(30_000);
  answer = () => Promise.resolve('no');
  expect(await checks.complaintOf(aPool(), 'r1')).toMatchObject({ message: 'no' });
});
