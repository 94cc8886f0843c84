import type { OsvPool } from '../../api/types.ts';
import { refusedWith, type Complaint } from '../../domain/pool/ailment.ts';
import type { Clock } from '../../runtime/clock.ts';
import { keyOf } from '../../runtime/kube.ts';
import type { Logger } from '../../runtime/log.ts';

/** Who could not be asked is asked again no sooner. */
const AGAIN_MS = 30_000;

export interface VmiChecksOptions {
  /** KubeVirt's words against a VM of the pool, if it has any; rejects where it was not to be asked. */
  readonly refusal: (pool: OsvPool) => Promise<string | undefined>;
  readonly clock: Clock;
  readonly log: Logger;
}

interface Check {
  readonly revision: string;
  readonly words: string | undefined;
  /** Undefined when the question is settled for this revision. */
  readonly againAt: number | undefined;
}

/** Asks KubeVirt once about each revision of a pool, so that a pool that keeps no VMs says what is wrong with them. */
export class VmiChecks {
  readonly #options: VmiChecksOptions;
  readonly #checks = new Map<string, Check>();

  constructor(options: VmiChecksOptions) {
    this.#options = options;
  }

  async complaintOf(pool: OsvPool, revision: string): Promise<Complaint | undefined> {
    const key = keyOf(pool);
    const known = this.#checks.get(key);
    const isSettled = known?.revision === revision && !this.#isDue(known);
    const { words } = isSettled ? known : await this.#ask(key, pool, revision);
    return words === undefined ? undefined : refusedWith(words);
  }

  forget(key: string): void {
    this.#checks.delete(key);
  }

  #isDue({ againAt }: Check): boolean {
    return againAt !== undefined && this.#options.clock.now() >= againAt;
  }

  async #ask(key: string, pool: OsvPool, revision: string): Promise<Check> {
    const { refusal, clock, log } = this.#options;
    let check: Check;
    try {
      check = { revision, words: await refusal(pool), againAt: undefined };
    } catch (error) {
      log.debug('vmi not checked', { pool: key, error });
      check = { revision, words: undefined, againAt: clock.now() + AGAIN_MS };
    }
    this.#checks.set(key, check);
    return check;
  }
}
