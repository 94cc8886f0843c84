import { expect, test } from '@jest/globals';
import { Ailment } from '../../../../src/domain/pool/ailment.ts';

test('what keeps VMs from coming up is said until one does', () => {
  const ailment = new Ailment();
  expect(ailment.complaint(0)).toBeUndefined();
  ailment.notStarted('its guest ended; Error: no disk');
  expect(ailment.complaint(1e12)).toEqual({
    reason: 'GuestFailing',
    message: 'a VM did not come up: its guest ended; Error: no disk',
    atStart: true,
  });
  ailment.started();
  expect(ailment.complaint(0)).toBeUndefined();
});

test('one that KubeVirt did not start has no guest to blame', () => {
  const ailment = new Ailment();
  ailment.notStarted('it was not ready in time; ErrImagePull: out of memory', 'ErrImagePull: no');
  expect(ailment.complaint(0)).toEqual({
    reason: 'StartFailing',
    message: 'KubeVirt does not start VMs: ErrImagePull: no',
    atStart: true,
  });
});

test.each([
  'Out of memory: could not reclaim any further. Current memory: 1 Kb',
  'FATAL ERROR: Reached heap limit Allocation failed - JavaScript heap out of memory',
  'java.lang.OutOfMemoryError: Java heap space',
  "terminate called after throwing an instance of 'std::bad_alloc'",
  'Error occurred: Could not reserve enough space for object heap',
])('a guest that is too small is told from one that fails: %s', (words) => {
  const ailment = new Ailment();
  ailment.notStarted(`its guest ended; ${words}`);
  expect(ailment.complaint(0)).toMatchObject({ reason: 'GuestOutOfMemory', atStart: true });
});

test('a VM of an application that ran out of memory is remembered for ten minutes, without its words', () => {
  const ailment = new Ailment();
  ailment.ended('it crashed with my secret', '64Mi', 0);
  expect([ailment.complaint(0), ailment.againAfterMs(0)]).toEqual([undefined, undefined]);
  ailment.ended('my secret; out of memory', '64Mi', 1_000);
  ailment.started();
  expect(ailment.complaint(1_000)).toEqual({
    reason: 'GuestOutOfMemory',
    message: 'a VM that was up ran out of its 64Mi of memory',
    atStart: false,
  });
  expect(ailment.againAfterMs(1_000)).toBe(600_000);
  expect([ailment.complaint(601_000), ailment.againAfterMs(601_000)]).toEqual([
    undefined,
    undefined,
  ]);
});
