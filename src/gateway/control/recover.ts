import type { Clock } from '../../runtime/clock.ts';
import type { Logger } from '../../runtime/log.ts';
import type { BoundVm, Endpoints } from '../capacity/endpoints.ts';

/** Finds the bound VMs where the operator wrote them down. */
export interface BoundVms {
  listBound(): Promise<readonly BoundVm[]>;
}

export interface RecoveryOptions {
  readonly source: BoundVms;
  readonly endpoints: Endpoints;
  readonly clock: Clock;
  readonly log: Logger;
  /** How long the operator has to speak first, and the pause between tries; milliseconds. */
  readonly afterMs: number;
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

  constructor(options: RecoveryOptions) {
    this.#options = options;
  }

  start(): void {
    this.#cancel = this.#options.clock.after(this.#options.afterMs, () => void this.#look());
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
