import type { ApplicationSettings } from '../application.ts';
import { concurrencyOf, isActive, type Load } from './load.ts';
import { addTo, largestOf, nextChangeMs, type Window } from './window.ts';

/** A VM of the application that serves or is about to. */
export interface ApplicationVm {
  readonly vmId: string;
  readonly stage: 'binding' | 'bound';
  /** Runs the current code on the pool's current image. */
  readonly current: boolean;
  readonly boundAt: number;
}

export interface ScaleFacts {
  readonly now: number;
  readonly settings: ApplicationSettings;
  readonly load: Load;
  /** Whether every gateway that may send to the application has reported lately. */
  readonly complete: boolean;
  readonly vms: readonly ApplicationVm[];
  /** Of the decision before. */
  readonly window: Window | undefined;
}

export interface ScaleDecision {
  /** VMs that the application should have at this moment. */
  readonly desired: number;
  /** Generic VMs to bind now. */
  readonly bind: number;
  /** VMs to withdraw, drain and delete. */
  readonly drain: readonly string[];
  readonly window: Window;
  /** Decide again after this time even if nothing happens. */
  readonly againAfterMs: number | undefined;
}

/**
 * Scale-out at once: demand over slots with headroom, so that VMs start before
 * the old ones are full, minus what is on its way. Scale-in only when the
 * application needed less for all of its idle time, and never on missing data
 * (invariant I6). VMs of an old revision go when enough new ones serve.
 */
export function decideScale(facts: ScaleFacts): ScaleDecision {
  const { settings, now } = facts;
  const desired = desiredVms(settings, facts.load);
  const window = addTo(facts.window, now, desired, settings.idleAfterMs);
  const held = clamp(largestOf(window), settings.min, settings.max);
  const serving = facts.vms.filter((vm) => vm.current && vm.stage === 'bound');
  const onTheWay = facts.vms.filter((vm) => vm.current && vm.stage === 'binding').length;
  const outdated = facts.vms.filter((vm) => !vm.current && vm.stage === 'bound');
  // An application that is in use is never left to its old VMs alone, even between two requests.
  const target = outdated.length > 0 ? Math.max(desired, Math.min(1, held)) : desired;
  const replaced = onTheWay === 0 && serving.length >= target ? outdated : [];
  const surplus = maySurplusGo(facts, window, onTheWay) ? serving.length - held : 0;
  return {
    desired,
    bind: Math.max(0, target - serving.length - onTheWay),
    drain: [...replaced, ...youngest(serving, surplus)].map((vm) => vm.vmId),
    window,
    againAfterMs: againAfter(facts, window, serving.length > settings.min),
  };
}

function desiredVms(settings: ApplicationSettings, load: Load): number {
  const room = concurrencyOf(load) * (1 + settings.headroomPercent / 100);
  const needed = Math.ceil(room / settings.slots - 1e-9);
  return clamp(Math.max(needed, isActive(load) ? 1 : 0), settings.min, settings.max);
}

function maySurplusGo(
  { complete, now, settings }: ScaleFacts,
  window: Window,
  onTheWay: number,
): boolean {
  return complete && onTheWay === 0 && now - window.since >= settings.idleAfterMs;
}

/** Dispatch fills the fullest VM first and the oldest of equals: the youngest is the emptiest. */
function youngest(vms: readonly ApplicationVm[], count: number): readonly ApplicationVm[] {
  if (count <= 0) return [];
  return vms.toSorted((a, b) => b.boundAt - a.boundAt).slice(0, count);
}

function againAfter(facts: ScaleFacts, window: Window, mayShrink: boolean): number | undefined {
  if (!mayShrink) return undefined;
  const { now, settings } = facts;
  const known = window.since + settings.idleAfterMs - now;
  return Math.max(known, nextChangeMs(window, now, settings.idleAfterMs), 100);
}

function clamp(value: number, min: number, max: number): number {
  return Math.min(Math.max(value, min), max);
}
