import { expect, test } from '@jest/globals';
import { problem } from '../../../src/api/problem.ts';
import { signedText } from '../../../src/api/agent-protocol.ts';

test('a problem names component and reason, and its title does not vary', () => {
  const input = {
    status: 503,
    component: 'gateway',
    requestId: 'r1',
    reason: 'QueueFull',
  } as const;
  const one = problem({ ...input, detail: 'application a/b has 10 waiting' });
  const two = problem({ ...input, detail: 'another' });
  expect(one).toEqual({
    type: 'urn:osv-faas:problem:QueueFull',
    title: 'Queue full',
    status: 503,
    detail: 'application a/b has 10 waiting',
    component: 'gateway',
    reason: 'QueueFull',
    requestId: 'r1',
  });
  expect(two.title).toBe(one.title);
});

test('what is signed binds method, path, VM and body', () => {
  const call = { method: 'POST', path: '/.osv-faas/bind', vmId: 'v', sha256: 'ab' };
  const texts = new Set([
    signedText(call),
    signedText({ ...call, method: 'GET' }),
    signedText({ ...call, path: '/.osv-faas/drain' }),
    signedText({ ...call, vmId: 'w' }),
    signedText({ ...call, sha256: 'cd' }),
  ]);
  expect(texts.size).toBe(5);
});
