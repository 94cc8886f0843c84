/** Facts of an application, as tables state them. */
import type { ApplicationVm, ScaleFacts } from '../../../../src/domain/scaling/decide.ts';
import { NO_LOAD } from '../../../../src/domain/scaling/load.ts';
import type { Window } from '../../../../src/domain/scaling/window.ts';

export const NOW = 10_000_000;
export const IDLE = 30_000;

/** Ten slots a VM and no headroom, so that sums are done in the head. */
export const SETTINGS = { slots: 10, min: 0, max: 20, headroomPercent: 0, idleAfterMs: IDLE };

/** The first is the oldest. */
export function vms(count: number, changes: Partial<ApplicationVm> = {}): ApplicationVm[] {
  const { stage = 'bound', currentCode = true, currentImage = true } = changes;
  const name = `${currentCode ? '' : 'outdated-'}${currentImage ? '' : 'aged-'}${stage}`;
  return Array.from({ length: count }, (_, index) => ({
    vmId: `${name}-${index}`,
    stage,
    currentCode,
    currentImage,
    boundAt: NOW - 1_000_000 + index,
    ...changes,
  }));
}

export const bound = vms;
export const binding = (count: number, changes: Partial<ApplicationVm> = {}): ApplicationVm[] =>
  vms(count, { ...changes, stage: 'binding' });
export const outdated = (count: number): ApplicationVm[] => vms(count, { currentCode: false });
export const aged = (count: number): ApplicationVm[] => vms(count, { currentImage: false });

/** For an hour nobody wanted more than `most` VMs, and `most` was wanted a second ago. */
export function wanted(most: number): Window {
  return { since: NOW - 3_600_000, entries: [{ at: NOW - 1_000, vms: most }] };
}

/** So many were wanted until `ms` ago, `then` since. */
export function wantedUntil(most: number, ms: number, then = 0): Window {
  const entries = [
    { at: NOW - ms, vms: most },
    { at: NOW - 1_000, vms: then },
  ];
  return { since: NOW - 3_600_000, entries };
}

export function facts(changes: Partial<ScaleFacts> = {}): ScaleFacts {
  return {
    now: NOW,
    settings: SETTINGS,
    load: NO_LOAD,
    complete: true,
    vms: [],
    window: undefined,
    ...changes,
  };
}

export const running = (inFlight: number, waiting = 0): ScaleFacts['load'] => ({
  ...NO_LOAD,
  inFlight,
  waiting,
});
