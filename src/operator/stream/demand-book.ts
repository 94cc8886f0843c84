import type { Demand } from '../../api/gateway-protocol.ts';
import { sumOf, type Load, type Report } from '../../domain/scaling/load.ts';

/** A gateway that was silent for longer has not said that nothing waits. */
const STALE_MS = 3_500;
/** A gateway that vanished is forgotten after this; until then it stops all scale-in. */
const FORGOTTEN_MS = 60_000;

interface Gateway {
  connected: boolean;
  /** Whether it has said everything since it connected. */
  levelled: boolean;
  /** When it last said everything, or connected. */
  lastAt: number;
  readonly reports: Map<string, LevelledReport>;
}

interface LevelledReport extends Report {
  /** Time and counter of the last level, from which the next rate is found. */
  readonly at: number;
  readonly arrivals: number;
}

/** What each gateway last said of each application. */
export class DemandBook {
  readonly #gateways = new Map<string, Gateway>();

  connected(name: string, now: number): void {
    this.#begin(name, now);
  }

  /** `clean`: it said goodbye, after its last request had ended. */
  disconnected(name: string, clean: boolean): void {
    const gateway = this.#gateways.get(name);
    if (clean) this.#gateways.delete(name);
    else if (gateway !== undefined) gateway.connected = false;
  }

  /** Answers the applications of which something new was said. */
  record(name: string, demands: readonly Demand[], level: boolean, now: number): readonly string[] {
    // Who speaks is there, even if the end of its last connection was noticed after the new one began.
    const gateway = this.#gateways.get(name) ?? this.#begin(name, now);
    gateway.connected = true;
    if (level) {
      gateway.levelled = true;
      gateway.lastAt = now;
    }
    const told = new Set(demands.map((demand) => demand.application));
    const silent = level ? [...gateway.reports.keys()].filter((id) => !told.has(id)) : [];
    for (const id of silent) gateway.reports.delete(id);
    for (const demand of demands) this.#take(gateway, demand, level, now);
    return [...told, ...silent];
  }

  loadOf(application: string): Load {
    const reports = [...this.#gateways.values()].flatMap(
      (gateway) => gateway.reports.get(application) ?? [],
    );
    return sumOf(reports);
  }

  /** Whether every gateway has said everything lately; without gateways nothing is known (invariant I6). */
  isComplete(now: number): boolean {
    for (const [name, gateway] of this.#gateways) {
      if (!gateway.connected && now - gateway.lastAt > FORGOTTEN_MS) this.#gateways.delete(name);
    }
    const all = [...this.#gateways.values()];
    return all.length > 0 && all.every((one) => isCurrent(one, now));
  }

  /** A gateway that comes back says everything anew. */
  #begin(name: string, now: number): Gateway {
    const gateway = { connected: true, levelled: false, lastAt: now, reports: new Map() };
    this.#gateways.set(name, gateway);
    return gateway;
  }

  /**
   * Rates come from the differences between levels; an edge tells what waits and
   * leaves the rate. The counter that comes first is only a base: it may hold days.
   */
  #take(gateway: Gateway, demand: Demand, level: boolean, now: number): void {
    const { application, arrivals } = demand;
    const before = gateway.reports.get(application);
    if (!level || before === undefined) {
      const base = before ?? { rate: 0, at: now, arrivals };
      gateway.reports.set(application, { ...base, demand });
      return;
    }
    const seconds = Math.max(0.1, (now - before.at) / 1000);
    const counted = arrivals - before.arrivals;
    // A counter that fell was begun anew.
    const rate = (counted < 0 ? arrivals : counted) / seconds;
    gateway.reports.set(application, { demand, rate, at: now, arrivals });
  }
}

function isCurrent({ connected, levelled, lastAt }: Gateway, now: number): boolean {
  return connected && levelled && now - lastAt < STALE_MS;
}
