import { setTimeout as sleep } from 'node:timers/promises';
import { request } from 'undici';
import { AGENT_PORT } from '../../../../api/group.ts';
import { CONTROL } from '../../../../api/agent-protocol.ts';
import type { KernelRange } from '../kernel.ts';
import type { Qmp } from '../qmp.ts';
import { activityOf } from './activity.ts';
import { verdict, type Activity, type Observation, type WatchdogLimits } from './plan.ts';

/** While all is well, and while the guest is silent. */
const PERIOD_MS = 3_000;
const SUSPICION_MS = 500;

export interface Watched {
  readonly address: string;
  readonly kernel: KernelRange;
  readonly qmp: Promise<Qmp>;
  readonly limits: WatchdogLimits;
  readonly signal: AbortSignal;
}

/**
 * Watches one guest from outside until `signal` aborts.
 * @returns why it must be ended, or undefined when it was no longer to be watched
 */
export async function watch(guest: Watched): Promise<string | undefined> {
  let seen = begin(performance.now());
  while (!guest.signal.aborted) {
    seen = (await answers(guest)) ? answered(seen) : looked(seen, await look(guest));
    const why = verdict(seen, performance.now(), guest.limits);
    if (why !== undefined) return why;
    const pauseMs = seen.since.length > 0 ? SUSPICION_MS : PERIOD_MS;
    await sleep(pauseMs, undefined, { signal: guest.signal }).catch(() => undefined);
  }
  return undefined;
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

async function answers({ address, limits, signal }: Watched): Promise<boolean> {
  const patience = AbortSignal.timeout(Math.ceil(limits.silentMs / 5));
  try {
    const answer = await request(`http://${address}:${AGENT_PORT}${CONTROL.health}`, {
      signal: AbortSignal.any([signal, patience]),
      reset: true,
    });
    await answer.body.dump();
    return true;
  } catch {
    return false;
  }
}

/** Undefined when QEMU does not say, because it ends or is stopped. */
async function look({ qmp, kernel }: Watched): Promise<Activity | undefined> {
  try {
    return activityOf(await (await qmp).monitor('info registers -a'), kernel);
  } catch {
    return undefined;
  }
}
