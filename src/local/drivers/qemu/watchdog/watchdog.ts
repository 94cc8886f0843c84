import { existsSync, readFileSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';
import { request } from 'undici';
import { AGENT_PORT } from '../../../../api/group.ts';
import { CONTROL } from '../../../../api/agent-protocol.ts';
import type { KernelRange } from '../kernel.ts';
import { knock } from '../network/knock.ts';
import type { Qmp } from '../qmp.ts';
import { activityOf } from './activity.ts';
import { verdict, type Activity, type Observation, type WatchdogLimits } from './plan.ts';

/** While all is well, and while the guest is silent. */
const PERIOD_MS = 3_000;
const SUSPICION_MS = 500;
/** While it boots: who waits for it waits for this. */
const BOOT_PERIOD_MS = 30;
/** What a guest does after its first answer may take as long again. */
const SETTLED_AFTER_MS = 3_000;

export interface Watched {
  readonly address: string;
  /** Where the kernel tells that it has a network; absent when it has. */
  readonly consoleLog: string | undefined;
  readonly kernel: KernelRange;
  readonly qmp: Promise<Qmp>;
  readonly limits: WatchdogLimits;
  readonly signal: AbortSignal;
  /** It answered for the first time. */
  readonly onAnswer: () => void;
  /** It answered, and has done what it does after that. */
  readonly onSettled: () => void;
}

/**
 * Watches one guest from outside until `signal` aborts.
 * @returns why it must be ended, or undefined when it was no longer to be watched
 */
export async function watch(guest: Watched): Promise<string | undefined> {
  let seen = begin(performance.now());
  let lookAt = 0;
  while (!guest.signal.aborted) {
    const before = seen;
    if (await answers(guest, seen)) seen = answered(seen);
    else if (performance.now() >= lookAt) {
      lookAt = performance.now() + SUSPICION_MS;
      seen = looked(seen, await look(guest));
    }
    if (before.answeredAt === undefined && seen.answeredAt !== undefined) {
      guest.onAnswer();
      void settle(guest);
    }
    const why = verdict(seen, performance.now(), guest.limits);
    if (why !== undefined) return why;
    await pause(pauseAfter(seen), guest.signal);
  }
  return undefined;
}

function pauseAfter({ answeredAt, since }: Observation): number {
  if (answeredAt === undefined) return BOOT_PERIOD_MS;
  return since.length > 0 ? SUSPICION_MS : PERIOD_MS;
}

/** Until its processors rest, or for as long as that may take. */
async function settle(guest: Watched): Promise<void> {
  const deadline = performance.now() + SETTLED_AFTER_MS;
  while (performance.now() < deadline && !guest.signal.aborted) {
    await pause(BOOT_PERIOD_MS, guest.signal);
    if ((await look(guest)) === 'halted') break;
  }
  guest.onSettled();
}

function pause(ms: number, signal: AbortSignal): Promise<void> {
  return sleep(ms, undefined, { signal }).catch(() => undefined);
}

function begin(now: number): Observation {
  return { startedAt: now, answeredAt: undefined, programAt: undefined, since: [] };
}

function answered(seen: Observation): Observation {
  return { ...seen, answeredAt: performance.now(), since: [] };
}

function looked(seen: Observation, activity: Activity | undefined): Observation {
  if (activity === undefined) return seen;
  if (activity === 'program') return { ...seen, programAt: performance.now(), since: [] };
  return { ...seen, since: [...seen.since, activity] };
}

/** A guest that does not listen yet refuses; one without a network yet would let a connection hang. */
async function answers(guest: Watched, { startedAt, answeredAt }: Observation): Promise<boolean> {
  const { address, consoleLog, limits, signal } = guest;
  if (answeredAt === undefined && !hasNetwork(consoleLog)) {
    if (performance.now() - startedAt < limits.bootMs / 4) return false;
  }
  const patience = AbortSignal.timeout(Math.ceil(limits.silentMs / 5));
  const until = AbortSignal.any([signal, patience]);
  const call = (within: AbortSignal): Promise<boolean> => ask(address, within);
  return answeredAt === undefined ? knock(until, call).catch(() => false) : call(until);
}

/** False when it refuses: it does not listen yet. */
async function ask(address: string, signal: AbortSignal): Promise<boolean> {
  try {
    const url = `http://${address}:${AGENT_PORT}${CONTROL.health}`;
    const answer = await request(url, { signal, reset: true });
    await answer.body.dump();
    return true;
  } catch {
    return false;
  }
}

/** The kernel tells its address on the console. */
function hasNetwork(consoleLog: string | undefined): boolean {
  if (consoleLog === undefined) return true;
  return existsSync(consoleLog) && readFileSync(consoleLog, 'utf8').includes('eth0: ');
}

/** Undefined when QEMU does not say, because it ends or is stopped. */
async function look({ qmp, kernel }: Watched): Promise<Activity | undefined> {
  try {
    return activityOf(await (await qmp).monitor('info registers -a'), kernel);
  } catch {
    return undefined;
  }
}
