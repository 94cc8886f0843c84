import type { Clock } from '../../runtime/clock.ts';
import { backoffMs } from '../../runtime/backoff.ts';
import type { Logger } from '../../runtime/log.ts';
import type { BoundVm, Endpoints } from '../capacity/endpoints.ts';

/** Each look asks every VM: while the operator stays away they become rarer. */
const LONGEST_PAUSE_MS = 60_000;

/** Finds the bound VMs where the operator wrote them down. */
export interface BoundVms {
  listBound(): Promise<readonly BoundVm[]>;
}

export interface RecoveryOptions {
  readonly source: BoundVms;
  readonly endpoints: Endpoints;
  readonly clock: Clock;
  readonly log: Logger;
  /** How long the operator has to speak first, and the first pause between looks; milliseconds. */
  readonly afterMs: number;
  /** In [0, 1), for the pauses. */
  readonly random?: () => number;
}

/**
 * Looks for VMs by itself while the operator has not spoken since this gateway
 * started: warm applications are served again although nobody can bind.
 */
export class Recovery {
  /** It has looked at least once. */
  done = false;
  readonly #options: RecoveryOptions;
  #cancel: () => void = () => undefined;
  #stopped = false;
  #looks = 0;

  constructor(options: RecoveryOptions) {
    this.#options = options;
  }

  start(): void {
    const { clock, afterMs, random = Math.random } = this.#options;
    const policy = { baseMs: afterMs, maxMs: LONGEST_PAUSE_MS };
    const pause = backoffMs(policy, this.#looks, random());
    this.#looks += 1;
    this.#cancel = clock.after(pause, () => void this.#look());
  }

  stop(): void {
    this.#stopped = true;
    this.#cancel();
  }

  async #look(): Promise<void> {
    const { source, endpoints, log } = this.#options;
    if (this.#stopped || endpoints.known) return;
    try {
      const vms = await source.listBound();
      // The operator may have spoken meanwhile, and it knows better.
      if (!this.#isOver()) {
        endpoints.found(vms);
        log.info('took over bound VMs without the operator', { vms: vms.length });
      }
      this.done = true;
    } catch (error) {
      log.warn('cannot list bound VMs', { error });
    }
    if (!this.#isOver()) this.start();
  }

  #isOver(): boolean {
    return this.#stopped || this.#options.endpoints.known;
  }
}
