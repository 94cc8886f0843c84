import type { Demand } from '../../api/gateway-protocol.ts';
import type { Report } from './load.ts';

/** What the last level said: time and counter, from which the next rate is found. */
export interface Base {
  readonly rate: number;
  readonly at: number;
  readonly arrivals: number;
}

export type LevelledReport = Report & Base;

/** Two levels at once are no burst of thousands a second. */
const LEAST_SECONDS = 0.1;

/**
 * Rates come from the differences between levels; an edge tells what waits and
 * leaves the rate. Of an application that was left out of the level `before`, counting
 * began there at 0. Where there was none, the counter is only a base: it may hold days.
 */
export function reportOf(
  demand: Demand,
  before: Base | undefined,
  { level, now }: { readonly level: boolean; readonly now: number },
): LevelledReport {
  const { arrivals } = demand;
  if (!level || before === undefined) {
    return { ...(before ?? { rate: 0, at: now, arrivals }), demand };
  }
  const seconds = Math.max(LEAST_SECONDS, (now - before.at) / 1000);
  const counted = arrivals - before.arrivals;
  // A counter that fell was begun anew.
  const rate = (counted < 0 ? arrivals : counted) / seconds;
  return { demand, rate, at: now, arrivals };
}
