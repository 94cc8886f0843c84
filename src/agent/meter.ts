import type { FunctionMeter, MeterReading } from '../api/agent-protocol.ts';

/** Milliseconds of CPU of this process so far. */
export type CpuClock = () => number;

const processCpu: CpuClock = () => {
  const { user, system } = process.cpuUsage();
  return (user + system) / 1000;
};

interface Account {
  invocations: number;
  errors: number;
  cpuMs: number;
  wallMs: number;
  running: number;
  /** Sum of the share that stood on the account's running invocations when they began. */
  startShares: number;
}

/** What an invocation had when it began. */
export interface MeterMark {
  readonly share: number;
  readonly at: number;
}

/**
 * CPU by processor sharing: between two marks, each running invocation is
 * charged an equal part of what the process used. Exact while the invocations
 * in flight are of one function; with several, a function that waits is charged
 * for one that computes. CPU while nothing runs is nobody's.
 *
 * One running total (`#share`: CPU that one invocation would have been charged
 * had it run since the start) makes every step O(1).
 */
export class Meter {
  readonly #cpu: CpuClock;
  readonly #accounts = new Map<string, Account>();
  #share = 0;
  #running = 0;
  #cpuAtStart = 0;
  #startedAt = 0;
  #lastCpu: number;
  #cpuBeforeBind: number | undefined;
  #loopAtBind: ReturnType<typeof performance.eventLoopUtilization> | undefined;

  constructor(cpu: CpuClock = processCpu) {
    this.#cpu = cpu;
    this.#lastCpu = cpu();
  }

  /** A restored VM begins here: what its template used was used once, for all of them. */
  restart(): void {
    this.#cpuAtStart = this.#cpu();
    this.#startedAt = performance.now();
    this.#lastCpu = 0;
  }

  uptimeMs(): number {
    return performance.now() - this.#startedAt;
  }

  markBound(): void {
    this.#cpuBeforeBind = this.#used();
    this.#loopAtBind = performance.eventLoopUtilization();
  }

  begin(name: string, at: number): MeterMark {
    this.#advance();
    this.#running += 1;
    const account = this.#account(name);
    account.running += 1;
    account.invocations += 1;
    account.startShares += this.#share;
    return { share: this.#share, at };
  }

  end(name: string, mark: MeterMark, at: number, failed: boolean): void {
    this.#advance();
    this.#running -= 1;
    const account = this.#account(name);
    account.running -= 1;
    account.startShares -= mark.share;
    account.cpuMs += this.#share - mark.share;
    account.wallMs += at - mark.at;
    account.errors += failed ? 1 : 0;
  }

  read(vmId: string, functions: Iterable<string>): MeterReading {
    this.#advance();
    const since = this.#loopAtBind;
    return {
      vmId,
      uptimeMs: Math.round(this.uptimeMs()),
      cpuMs: this.#lastCpu,
      cpuBeforeBindMs: this.#cpuBeforeBind ?? this.#lastCpu,
      eventLoopUtilization:
        since === undefined ? 0 : performance.eventLoopUtilization(since).utilization,
      heapBytes: heapBytes(),
      functions: [...functions].map((name) => this.#readOne(name)),
    };
  }

  #readOne(name: string): FunctionMeter {
    const { invocations, errors, cpuMs, wallMs, running, startShares } = this.#account(name);
    const unfinished = running * this.#share - startShares;
    return { name, invocations, errors, cpuMs: cpuMs + unfinished, wallMs };
  }

  #used(): number {
    return this.#cpu() - this.#cpuAtStart;
  }

  #advance(): void {
    const now = this.#used();
    if (this.#running > 0) {
      this.#share += (now - this.#lastCpu) / this.#running;
    }
    this.#lastCpu = now;
  }

  #account(name: string): Account {
    let account = this.#accounts.get(name);
    if (account === undefined) {
      account = { invocations: 0, errors: 0, cpuMs: 0, wallMs: 0, running: 0, startShares: 0 };
      this.#accounts.set(name, account);
    }
    return account;
  }
}

/** `memoryUsage()` as a whole throws in OSv, where there is no procfs; its heap part comes from V8. */
function heapBytes(): number {
  try {
    return process.memoryUsage().heapUsed;
  } catch {
    return 0;
  }
}
