import type { ApplicationSettings } from '../application.ts';
import { concurrencyOf, isActive, type Load } from './load.ts';
import { addTo, interrupted, largestOf, nextChangeMs, type Window } from './window.ts';

/** A VM of the application that serves or is about to. */
export interface ApplicationVm {
  readonly vmId: string;
  readonly stage: 'binding' | 'bound';
  /** Runs the application's current code. */
  readonly currentCode: boolean;
  /** Was started from the pool's current image, and bound with the current key of tokens. */
  readonly currentImage: boolean;
  readonly boundAt: number;
  /** It did not answer when it was asked last: what it has is stuck, and others need room. */
  readonly suspect?: boolean;
}

/** So many VMs that do not answer are replaced before they are given up: code that hangs each of its VMs must not use up a pool. */
const REPLACED_AT_MOST = 3;

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
  /** Generic VMs to bind now, of whatever image. */
  readonly bind: number;
  /** Generic VMs to bind beyond that, of the current image only: they replace VMs of an older one. */
  readonly renew: number;
  /** VMs to withdraw, drain and delete. */
  readonly drain: readonly string[];
  readonly window: Window;
  /** Decide again after this time even if nothing happens. */
  readonly againAfterMs: number | undefined;
}

/** Time alone may let VMs go, and data may go missing in between: both are looked at this often. */
const LOOK_MS = { least: 100, most: 1_000 };

/**
 * Scale-out at once: demand over slots with headroom, so that VMs start before
 * the old ones are full, minus what is on its way. Scale-in only when the
 * application needed less for all of its idle time, and never on missing data
 * (invariant I6). VMs of old code or of an old image go as new ones serve.
 */
export function decideScale(facts: ScaleFacts): ScaleDecision {
  const { settings, now } = facts;
  const desired = desiredVms(settings, facts.load);
  const added = addTo(facts.window, now, desired, settings.idleAfterMs);
  const window = facts.complete ? added : interrupted(added, now);
  const known = facts.complete && now - window.since >= settings.idleAfterMs;
  // What is not known to be too much is kept.
  const floor = known ? clamp(largestOf(window), settings.min, settings.max) : Infinity;
  const fleet = sortedOut(facts.vms);
  const old = fleet.outdated.length + fleet.aged.length;
  // An application that is in use, or may be, is never left to its old VMs alone, even between two requests.
  const target = old > 0 && floor > 0 ? Math.max(desired, 1) : desired;
  const drain = facts.complete ? drainOf(fleet, target, floor) : [];
  return {
    desired,
    ...bindsOf(fleet, target),
    drain: drain.map((vm) => vm.vmId),
    window,
    againAfterMs: againAfter(facts, window, old > 0 || fleet.serving.length > desired),
  };
}

function desiredVms(settings: ApplicationSettings, load: Load): number {
  const room = concurrencyOf(load) * (1 + settings.headroomPercent / 100);
  const needed = Math.ceil(room / settings.slots - 1e-9);
  return clamp(Math.max(needed, isActive(load) ? 1 : 0), settings.min, settings.max);
}

type Vms = readonly ApplicationVm[];

interface SortedOut {
  /** Run the current code, on whatever image. */
  readonly serving: Vms;
  /** The same, as soon as their bind has ended. */
  readonly onTheWay: Vms;
  /** Serve, from the current image. */
  readonly currentImage: Vms;
  /** Serve, from an older image. */
  readonly aged: Vms;
  /** Run older code. */
  readonly outdated: Vms;
}

function sortedOut(vms: Vms): SortedOut {
  const suspects = vms.filter((vm) => vm.suspect === true).slice(0, REPLACED_AT_MOST);
  const bound = vms.filter((vm) => vm.stage === 'bound' && !suspects.includes(vm));
  const serving = bound.filter((vm) => vm.currentCode);
  return {
    serving,
    onTheWay: vms.filter((vm) => vm.currentCode && vm.stage === 'binding'),
    currentImage: serving.filter((vm) => vm.currentImage),
    aged: serving.filter((vm) => !vm.currentImage),
    outdated: bound.filter((vm) => !vm.currentCode),
  };
}

function bindsOf(
  { serving, onTheWay, currentImage, aged }: SortedOut,
  target: number,
): Pick<ScaleDecision, 'bind' | 'renew'> {
  const bind = Math.max(0, target - serving.length - onTheWay.length);
  if (aged.length === 0) return { bind, renew: 0 };
  const currentComing = onTheWay.filter((vm) => vm.currentImage).length;
  return { bind, renew: Math.max(0, target - currentImage.length - currentComing - bind) };
}

/** Nothing goes while something comes: what it is for is seen when it is there. */
function drainOf(fleet: SortedOut, target: number, floor: number): Vms {
  if (fleet.onTheWay.length > 0) return [];
  const replaced = replacedBy(fleet, target, floor);
  const left = fleet.serving.filter((vm) => !replaced.includes(vm));
  return [...replaced, ...youngest(left, left.length - floor)];
}

/**
 * All old ones when enough new ones serve. Until then one for each that has come
 * above the floor: a full pool has no room for all new beside all old.
 */
function replacedBy(fleet: SortedOut, target: number, floor: number): Vms {
  const { serving, outdated, aged, currentImage } = fleet;
  const enough = [
    ...(serving.length >= target ? outdated : []),
    ...(currentImage.length >= target ? aged : []),
  ];
  const spare = serving.length + outdated.length - Math.max(target, floor);
  if (enough.length >= spare) return enough;
  return [...youngest(outdated, outdated.length), ...youngest(aged, aged.length)].slice(0, spare);
}

/** Dispatch fills the fullest VM first and the oldest of equals: the youngest is the emptiest. */
function youngest(vms: Vms, count: number): Vms {
  if (count <= 0) return [];
  return vms.toSorted((a, b) => b.boundAt - a.boundAt).slice(0, count);
}

function againAfter(facts: ScaleFacts, window: Window, mayGo: boolean): number | undefined {
  if (!mayGo) return undefined;
  const { now, settings } = facts;
  const known = window.since + settings.idleAfterMs - now;
  const wait = Math.max(known, nextChangeMs(window, now, settings.idleAfterMs));
  return wait <= 0 ? LOOK_MS.most : clamp(wait, LOOK_MS.least, LOOK_MS.most);
}

function clamp(value: number, min: number, max: number): number {
  return Math.min(Math.max(value, min), max);
}
