import type { EndProcess } from './host/exit.ts';
import type { Log } from './host/log.ts';
import type { Vm } from './vm.ts';

/**
 * Ends a broken VM once nothing runs in it any more (but for what was given up)
 * and `lingerMs` have passed; an operator who is up deletes it before.
 */
export class Ending {
  readonly #vm: Vm;
  readonly #log: Log;
  readonly #lingerMs: number;
  readonly #end: EndProcess;
  #timer: NodeJS.Timeout | undefined;

  constructor(vm: Vm, log: Log, lingerMs: number, end: EndProcess) {
    this.#vm = vm;
    this.#log = log;
    this.#lingerMs = lingerMs;
    this.#end = end;
  }

  /** To be called whenever the VM broke or an invocation is over. */
  check(): void {
    const { broken, running } = this.#vm;
    if (broken === undefined || this.#timer !== undefined) {
      return;
    }
    if ([...running].every((invocation) => invocation.abandoned)) {
      this.#log.error('user code broke this VM; it takes no more and ends', { broken });
      this.#timer = setTimeout(() => this.#end(1), this.#lingerMs);
    }
  }
}
