import type { Clock } from '../../runtime/clock.ts';
import type { Logger } from '../../runtime/log.ts';
import type { Teller } from '../events/teller.ts';
import type { Fleet } from './fleet.ts';
import type { Vm } from './vm.ts';

/** A VM that is asked to go is replaced first, but whoever empties the node does not wait longer for that. */
const REPLACED_MS = 60_000;

export interface EvacuatorOptions {
  readonly fleet: Fleet;
  readonly teller: Pick<Teller, 'evicted'>;
  readonly clock: Clock;
  readonly log: Logger;
}

/**
 * Lets VMs go whose node is being emptied. While there is time they are replaced as VMs of an older image are:
 * new ones come first, elsewhere. After a minute they go without: a bound one when nothing is in flight (I4).
 */
export class Evacuator {
  readonly #options: EvacuatorOptions;
  /** Cancels the end of the time that a VM has. */
  readonly #ends = new Map<string, () => void>();

  constructor(options: EvacuatorOptions) {
    this.#options = options;
    options.fleet.on((vm, before) => {
      const key = vm?.key ?? before?.key ?? '';
      if (vm === undefined || !isToGo(vm)) this.#cancel(key);
      else if (!this.#ends.has(key)) this.#begin(vm);
    });
  }

  #begin(vm: Vm): void {
    const { clock, log, teller } = this.#options;
    log.info('vm is asked to go', { vm: vm.key });
    const end = clock.after(REPLACED_MS, () => {
      this.#ends.delete(vm.key);
      this.#end(vm.key);
    });
    this.#ends.set(vm.key, end);
    teller.evicted(vm);
  }

  #end(key: string): void {
    const { fleet } = this.#options;
    fleet.move(key, ['bound'], 'draining');
    fleet.move(key, ['starting', 'generic'], 'deleting', { reason: 'Evicted' });
    // One that is being bound at this very moment has another minute.
    const vm = fleet.get(key);
    if (vm?.stage === 'binding') this.#begin(vm);
  }

  #cancel(key: string): void {
    this.#ends.get(key)?.();
    this.#ends.delete(key);
  }
}

function isToGo({ leaving, stage }: Vm): boolean {
  return leaving === true && stage !== 'deleting' && stage !== 'draining';
}
