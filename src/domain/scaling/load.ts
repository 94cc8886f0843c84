import type { Demand } from '../../api/gateway-protocol.ts';

/** What the gateways together know of an application at this moment. */
export interface Load {
  readonly inFlight: number;
  readonly waiting: number;
  readonly oldestWaitMs: number;
  /** Requests a second since the reports before. */
  readonly rate: number;
  /** Moving average of the service time, weighted by each gateway's rate. */
  readonly serviceMs: number;
}

export const NO_LOAD: Load = { inFlight: 0, waiting: 0, oldestWaitMs: 0, rate: 0, serviceMs: 0 };

/** One gateway's report, and how many requests a second came to it since the report before. */
export interface Report {
  readonly demand: Demand;
  readonly rate: number;
}

/** @param except functions for which waiting is of no use: no VM is bound for them */
export function sumOf(reports: readonly Report[], except: ReadonlySet<string> = NOBODY): Load {
  const rate = total(reports, (report) => report.rate);
  const weighted = total(reports, (report) => report.rate * report.demand.serviceMs);
  return {
    inFlight: total(reports, (report) => report.demand.inFlight),
    waiting: total(reports, ({ demand }) => waitingOf(demand, except)),
    oldestWaitMs: Math.max(0, ...reports.map((report) => report.demand.oldestWaitMs)),
    rate,
    serviceMs: rate === 0 ? 0 : weighted / rate,
  };
}

const NOBODY: ReadonlySet<string> = new Set();

function waitingOf({ waiting, functions = [] }: Demand, except: ReadonlySet<string>): number {
  const excepted = functions.filter((one) => except.has(one.function));
  return Math.max(0, waiting - excepted.reduce((sum, one) => sum + one.waiting, 0));
}

function total(reports: readonly Report[], of: (report: Report) => number): number {
  return reports.reduce((sum, report) => sum + of(report), 0);
}

/**
 * Invocations that want to run at once: what was counted at this moment, or, where
 * answers are quicker than reports, arrivals times service time (Little's law).
 */
export function concurrencyOf(load: Load): number {
  return Math.max(load.inFlight + load.waiting, (load.rate * load.serviceMs) / 1000);
}

export function isActive(load: Load): boolean {
  return load.inFlight + load.waiting > 0 || load.rate > 0;
}
