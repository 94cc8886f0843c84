import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { Clock } from '../runtime/clock.ts';
import type { Logger } from '../runtime/log.ts';
import { Supervision } from './supervision/supervision.ts';

export type ServiceName = 'operator' | 'gateway';

export interface ServicesOptions {
  readonly stateDir: string;
  /** Arguments of the command, by service. */
  readonly args: Readonly<Record<ServiceName, readonly string[]>>;
  readonly clock: Clock;
  readonly log: Logger;
}

const RESTART_MS = 200;
const STOP_DEADLINE_MS = 40_000;
const COMMAND = fileURLToPath(new URL('../../bin/osv-faas.js', import.meta.url));

/** Operator and gateway as processes of their own, started again when they die (docs/adr/0010). */
export class Services {
  readonly #options: ServicesOptions;
  readonly #supervision: Supervision;
  readonly #held = new Set<ServiceName>();
  #stopping = false;

  private constructor(options: ServicesOptions, supervision: Supervision) {
    this.#options = options;
    this.#supervision = supervision;
    supervision.onEnd((name, why) => {
      this.#ended(name as ServiceName, why);
    });
  }

  static async begin(options: ServicesOptions): Promise<Services> {
    const stateDir = join(options.stateDir, 'services');
    mkdirSync(stateDir, { recursive: true, mode: 0o700 });
    const pidFile = join(stateDir, 'supervisor.pid');
    const supervision = await Supervision.begin({
      stateDir,
      pidFile,
      temporary: false,
      stopDeadlineMs: STOP_DEADLINE_MS,
    });
    return new Services(options, supervision);
  }

  /** Resolves with a sentence when no service can be started any more. */
  get died(): Promise<string> {
    return this.#supervision.died.then((why) => `the supervisor of the services ended with ${why}`);
  }

  start(name: ServiceName): void {
    this.#held.delete(name);
    const args = [COMMAND, name, ...this.#options.args[name]];
    this.#supervision.start({ name, file: process.execPath, args, log: this.logOf(name) });
  }

  logOf(name: ServiceName): string {
    return join(this.#options.stateDir, 'services', `${name}.log`);
  }

  pidOf(name: ServiceName): number | undefined {
    return this.#supervision.pidOf(name);
  }

  /** Why it does not run, or undefined while it does. */
  endOf(name: ServiceName): string | undefined {
    return this.#supervision.endOf(name);
  }

  /** kill -9. `hold`: not started again until {@link start}. */
  async kill(name: ServiceName, hold = false): Promise<void> {
    if (hold) this.#held.add(name);
    await this.#supervision.kill(name);
  }

  async stop(): Promise<void> {
    this.#stopping = true;
    await this.#supervision.stop();
  }

  #ended(name: ServiceName, why: string): void {
    if (this.#stopping || this.#held.has(name) || this.#supervision.isGone) return;
    const { clock, log } = this.#options;
    log.warn('service ended, starting it again', { service: name, why, log: this.logOf(name) });
    clock.after(RESTART_MS, () => {
      if (!this.#stopping && !this.#held.has(name)) this.start(name);
    });
  }
}
