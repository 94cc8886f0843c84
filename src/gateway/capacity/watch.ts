import { askAgainMs, quietMs } from '../../domain/dispatch/quarantine.ts';
import type { Clock } from '../../runtime/clock.ts';
import type { Asker } from './ask.ts';
import type { Vm } from './vm.ts';

export interface WatchOptions {
  readonly asker: Asker;
  readonly clock: Clock;
  /** It does not answer: nothing new may go there. */
  readonly silent: (vm: Vm) => void;
  /** It was held back, and answers. */
  readonly lives: (vm: Vm) => void;
}

/** What was seen of a VM. Clock of `performance.now()`. */
interface Seen {
  quietSince: number;
  /** Questions that it answered in a row while its requests heard nothing. */
  answers: number;
  silences: number;
  isAsked: boolean;
}

/**
 * Finds VMs that have requests and say nothing, and asks them whether they live: a loop without end or a guest out of
 * memory is noticed long before a request's time is over. Who does not answer is asked on until it does.
 */
export class VmWatch {
  readonly #options: WatchOptions;
  readonly #seen = new Map<Vm, Seen>();
  #stopped = false;

  constructor(options: WatchOptions) {
    this.#options = options;
  }

  /** A look at all of them; cheap, several times a second. */
  look(vms: Iterable<Vm>, now: number): void {
    for (const vm of vms) {
      if (vm.inFlight === 0 && !vm.held) {
        if (this.#seen.get(vm)?.isAsked === false) this.#seen.delete(vm);
        continue;
      }
      const seen = this.#of(vm, now);
      if (vm.heard) {
        vm.heard = false;
        Object.assign(seen, { quietSince: now, answers: 0 });
      } else if (!seen.isAsked && now - seen.quietSince >= quietMs(seen.answers)) {
        void this.#ask(vm, seen);
      }
    }
  }

  /** It has failed, and gets nothing until it has answered. */
  doubt(vm: Vm): void {
    const seen = this.#of(vm, performance.now());
    if (!seen.isAsked) void this.#ask(vm, seen);
  }

  stop(): void {
    this.#stopped = true;
  }

  #of(vm: Vm, now: number): Seen {
    let seen = this.#seen.get(vm);
    if (seen === undefined) {
      seen = { quietSince: now, answers: 0, silences: 0, isAsked: false };
      this.#seen.set(vm, seen);
    }
    return seen;
  }

  async #ask(vm: Vm, seen: Seen): Promise<void> {
    const { asker, clock, silent, lives } = this.#options;
    seen.isAsked = true;
    for (;;) {
      const answered = await asker.lives(vm);
      if (this.#stopped || vm.removed) {
        this.#seen.delete(vm);
        return;
      }
      // A word to a request is an answer too.
      if (answered || (vm.heard && !vm.held)) break;
      seen.silences += 1;
      if (!vm.held) silent(vm);
      await clock.sleep(askAgainMs(seen.silences));
    }
    Object.assign(seen, { isAsked: false, silences: 0, answers: seen.answers + 1 });
    if (vm.held) lives(vm);
  }
}
