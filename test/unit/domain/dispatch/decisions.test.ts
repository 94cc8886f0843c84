import { describe, expect, test } from '@jest/globals';
import { heldBytes } from '../../../../src/domain/dispatch/admission.ts';
import { movingAverage } from '../../../../src/domain/dispatch/containers/average.ts';
import { isRefusal, judge, type AttemptFailure } from '../../../../src/domain/dispatch/failure.ts';
import {
  askAgainMs,
  fullMs,
  quarantineMs,
  quietMs,
} from '../../../../src/domain/dispatch/quarantine.ts';

describe('admission', () => {
  test.each([
    { body: 0, held: 500, why: 'a head alone' },
    { body: 100, held: 600, why: 'a small body is read ahead' },
    { body: 10_000_000, held: 500 + 65_536, why: 'of a large one a buffer' },
    { body: -1, held: 500 + 65_536, why: 'of an unknown one the same' },
  ])('a head of 500 and a body of $body hold $held bytes: $why', ({ body, held }) => {
    expect(heldBytes(500, body)).toBe(held);
  });
});

describe('quarantine', () => {
  test.each([
    { strikes: 1, silent: false, ms: 100, why: 'one failure may be an accident' },
    { strikes: 2, silent: false, ms: undefined, why: 'two are none: it must show that it lives' },
    { strikes: 50, silent: false, ms: undefined, why: 'nobody’s request finds that out' },
    { strikes: 1, silent: true, ms: undefined, why: 'what keeps it busy keeps it from the next' },
  ])('after $strikes in a row, silent $silent: $ms ms: $why', ({ strikes, silent, ms }) => {
    expect(quarantineMs(strikes, silent)).toBe(ms);
  });

  test('a VM with requests that says nothing is asked after 0.5 s, 1, 2, 4, then every 8', () => {
    expect([0, 1, 2, 3, 4, 1_000].map(quietMs)).toEqual([500, 1_000, 2_000, 4_000, 8_000, 8_000]);
  });

  test('one that does not answer is asked again after 0.2 s, doubled, every two at last', () => {
    expect([1, 2, 4, 5, 1_000].map(askAgainMs)).toEqual([200, 400, 1_600, 2_000, 2_000]);
  });

  test('a full VM rests for 20 ms, doubled each time, one second at most', () => {
    expect([1, 2, 3, 6, 7, 1_000].map(fullMs)).toEqual([20, 40, 80, 640, 1_000, 1_000]);
  });
});

describe('movingAverage', () => {
  test('begins with the first value and moves a tenth of the way', () => {
    expect(movingAverage(0, 50)).toBe(50);
    expect(movingAverage(50, 150)).toBe(60);
  });
});

interface Row {
  failure: AttemptFailure;
  retry: boolean;
  status: number;
  reason: string;
  vm: 'none' | 'strike' | 'silent' | 'full';
  suspect: boolean;
  why: string;
}

describe('judge', () => {
  const detail = 'd';
  const rows: Row[] = [
    {
      failure: { kind: 'connect', detail, timedOut: false },
      retry: true,
      status: 502,
      reason: 'ConnectFailed',
      vm: 'strike',
      suspect: true,
      why: 'nothing was sent',
    },
    {
      failure: { kind: 'connect', detail, timedOut: true },
      retry: true,
      status: 504,
      reason: 'ConnectTimeout',
      vm: 'silent',
      suspect: true,
      why: 'nothing was sent',
    },
    {
      failure: { kind: 'lost', detail },
      retry: false,
      status: 502,
      reason: 'ConnectionLost',
      vm: 'strike',
      suspect: true,
      why: 'the function may have run',
    },
    {
      failure: { kind: 'invalid', detail },
      retry: false,
      status: 502,
      reason: 'AnswerInvalid',
      vm: 'strike',
      suspect: true,
      why: 'the function has run',
    },
    {
      failure: { kind: 'silent', detail, total: false },
      retry: false,
      status: 504,
      reason: 'FirstByteTimeout',
      vm: 'silent',
      suspect: true,
      why: 'the function may still run',
    },
    {
      failure: { kind: 'silent', detail, total: true },
      retry: false,
      status: 504,
      reason: 'TotalTimeout',
      vm: 'silent',
      suspect: true,
      why: 'the agent should have answered in time',
    },
    {
      failure: { kind: 'refused', reason: 'SlotsFull' },
      retry: true,
      status: 503,
      reason: 'VmsRefused',
      vm: 'full',
      suspect: false,
      why: 'another gateway has the slot',
    },
    {
      failure: { kind: 'refused', reason: 'Draining' },
      retry: true,
      status: 503,
      reason: 'VmsRefused',
      vm: 'strike',
      suspect: false,
      why: 'the operator knows',
    },
    {
      failure: { kind: 'refused', reason: 'VmBroken' },
      retry: true,
      status: 503,
      reason: 'VmsRefused',
      vm: 'strike',
      suspect: true,
      why: 'the operator should replace it',
    },
    {
      failure: { kind: 'refused', reason: 'TokenInvalid' },
      retry: true,
      status: 503,
      reason: 'VmsRefused',
      vm: 'strike',
      suspect: true,
      why: 'it was bound under another key',
    },
  ];
  test.each(rows)('$failure.kind $reason: $why', ({ failure, ...expected }) => {
    const verdict = judge(failure);
    expect({
      retry: verdict.retry,
      status: verdict.problem.status,
      reason: verdict.problem.reason,
      vm: verdict.vm,
      suspect: verdict.suspect,
    }).toEqual({
      retry: expected.retry,
      status: expected.status,
      reason: expected.reason,
      vm: expected.vm,
      suspect: expected.suspect,
    });
    expect(verdict.counts).toBe(expected.vm !== 'full');
  });

  test.each([
    { status: 429, reason: 'SlotsFull', is: true, why: 'the agent was full' },
    { status: 503, reason: 'Draining', is: true, why: 'the agent drains' },
    { status: 409, reason: 'NotBound', is: true, why: 'the VM is nobody’s' },
    { status: 401, reason: 'TokenInvalid', is: true, why: 'no function saw it' },
    { status: 429, reason: undefined, is: false, why: 'a function’s own 429 is an answer' },
    { status: 504, reason: 'FunctionTimeout', is: false, why: 'the function ran' },
    { status: 404, reason: 'FunctionUnknown', is: true, why: 'a newer VM may hold it' },
    { status: 200, reason: 'SlotsFull', is: false, why: 'no refusal has that status' },
  ])('$status $reason is a refusal: $is, $why', ({ status, reason, is }) => {
    expect(isRefusal(status, reason)).toBe(is);
  });
});
