import type { Demand } from '../../api/gateway-protocol.ts';
import { sumOf, type Load } from './load.ts';
import { reportOf, type LevelledReport } from './rate.ts';

/** A gateway that was silent for longer has not said that nothing waits. */
const STALE_MS = 3_500;
/** A gateway that vanished is forgotten after this; until then it stops all scale-in. */
const FORGOTTEN_MS = 60_000;
/** Of one gateway; what it says of more is not heard. */
const MAX_APPLICATIONS = 50_000;

interface Gateway {
  connected: boolean;
  /** Whether it has said everything since it connected. */
  levelled: boolean;
  /** When it last said everything, or connected. */
  lastAt: number;
  readonly reports: Map<string, LevelledReport>;
}

/** What each gateway last said of each application in which something happens. */
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
    const base = gateway.levelled ? { rate: 0, at: gateway.lastAt, arrivals: 0 } : undefined;
    if (level) {
      gateway.levelled = true;
      gateway.lastAt = now;
    }
    const told = new Set(demands.map((demand) => demand.application));
    const silent = level ? [...gateway.reports.keys()].filter((id) => !told.has(id)) : [];
    for (const id of silent) gateway.reports.delete(id);
    for (const demand of demands) {
      const before = gateway.reports.get(demand.application) ?? base;
      if (before !== base || gateway.reports.size < MAX_APPLICATIONS) {
        gateway.reports.set(demand.application, reportOf(demand, before, { level, now }));
      }
    }
    return [...told, ...silent];
  }

  /** @param except functions whose waiting requests do not count */
  loadOf(application: string, except?: ReadonlySet<string>): Load {
    return sumOf(this.#reportsOf(application), except);
  }

  /** Functions of the application for which requests wait. */
  awaited(application: string): ReadonlySet<string> {
    const waiting = this.#reportsOf(application).flatMap(({ demand }) => demand.functions ?? []);
    return new Set(waiting.map((one) => one.function));
  }

  /** Whether every gateway has said everything lately; without gateways nothing is known (invariant I6). */
  isComplete(now: number): boolean {
    for (const [name, gateway] of this.#gateways) {
      if (!gateway.connected && now - gateway.lastAt > FORGOTTEN_MS) this.#gateways.delete(name);
    }
    const all = [...this.#gateways.values()];
    return all.length > 0 && all.every((one) => isCurrent(one, now));
  }

  #reportsOf(application: string): readonly LevelledReport[] {
    return [...this.#gateways.values()].flatMap(
      (gateway) => gateway.reports.get(application) ?? [],
    );
  }

  /** A gateway that comes back says everything anew. */
  #begin(name: string, now: number): Gateway {
    const gateway = { connected: true, levelled: false, lastAt: now, reports: new Map() };
    this.#gateways.set(name, gateway);
    return gateway;
  }
}

function isCurrent({ connected, levelled, lastAt }: Gateway, now: number): boolean {
  return connected && levelled && now - lastAt < STALE_MS;
}
