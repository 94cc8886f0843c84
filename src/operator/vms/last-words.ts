import { redact } from '../../domain/redact.ts';
import { lastLines } from '../../domain/pool/console.ts';
import type { Clock } from '../../runtime/clock.ts';
import type { Logger } from '../../runtime/log.ts';
import type { Fleet } from './fleet.ts';
import type { Stage, Vm } from './vm.ts';

/** Reads the end of a guest's console; undefined where there is none. */
export type ReadConsole = (vm: Vm) => Promise<string | undefined>;

/** A VM that nobody wanted to lose. */
export interface Loss {
  readonly vm: Vm;
  /** What it was before. */
  readonly from: Stage;
  /** What became of it, in the operator's words. */
  readonly cause: string;
  /** The same with KubeVirt's words and the last lines of its console, which a tenant may have written. */
  readonly words: string;
}

export interface LastWordsOptions {
  readonly fleet: Fleet;
  readonly readConsole: ReadConsole;
  readonly lost: (loss: Loss) => void;
  readonly clock: Clock;
  readonly log: Logger;
}

/** By reason; other VMs are deleted because the operator wants it. */
const CAUSES: Readonly<Record<string, string>> = {
  GuestEnded: 'its guest ended',
  NotReady: 'it was not ready in time',
  NoAnswer: 'its agent did not answer',
  BindFailed: 'it was lost to a bind',
  Broken: 'its agent says that it is broken',
  Moved: 'it did not answer at its new address',
  DeletedByOthers: 'its VMI was deleted by somebody else',
};
/** Of these KubeVirt may be about to say how they ended. */
const MAY_HAVE_ENDED: ReadonlySet<string | undefined> = new Set(['NoAnswer', 'BindFailed']);
const ENDS_MS = 1_000;
/** A console that is not read by then is not waited for. */
const READ_MS = 3_000;

/** Why VMs are lost, with the last lines of their consoles, which must be read before the VMI is deleted. */
export class LastWords {
  readonly #options: LastWordsOptions;
  readonly #heard = new Map<string, Promise<void>>();
  readonly #hearing = new Set<string>();

  constructor(options: LastWordsOptions) {
    this.#options = options;
    options.fleet.on((vm, before) => {
      if (vm === undefined) this.#heard.delete(before?.key ?? '');
      else if (before !== undefined) this.#onVm(vm, before.stage);
    });
  }

  /** Its VMI is not to be deleted yet. */
  hears(key: string): boolean {
    return this.#hearing.has(key);
  }

  /** Resolves when its VMI may be deleted; never rejects. */
  heard(key: string): Promise<void> {
    return this.#heard.get(key) ?? Promise.resolve();
  }

  #onVm(vm: Vm, from: Stage): void {
    const cause = CAUSES[vm.reason ?? ''];
    if (vm.stage !== 'deleting' || from === 'deleting' || cause === undefined) return;
    this.#hearing.add(vm.key);
    const heard = this.#hear(vm, from, cause).finally(() => this.#hearing.delete(vm.key));
    this.#heard.set(vm.key, heard);
  }

  async #hear(gone: Vm, from: Stage, cause: string): Promise<void> {
    const { lost, log } = this.#options;
    const vm = MAY_HAVE_ENDED.has(gone.reason) ? await this.#atItsEnd(gone) : gone;
    const lines = lastLines((await this.#read(vm)) ?? '');
    const parts = [cause, vm.problem, vm.ending, lines].filter((part) => (part ?? '') !== '');
    const words = parts.join('; ');
    // What a tenant has written is not for the log of all.
    const detail = vm.binding === undefined ? redact(words) : cause;
    log.warn('vm lost', { vm: vm.key, was: from, detail });
    lost({ vm, from, cause, words });
  }

  async #atItsEnd(vm: Vm): Promise<Vm> {
    const { fleet, clock } = this.#options;
    const until = clock.now() + ENDS_MS;
    let seen = vm;
    while (seen.ending === undefined && clock.now() < until) {
      await clock.sleep(ENDS_MS / 10);
      seen = fleet.get(vm.key) ?? seen;
    }
    return seen;
  }

  async #read(vm: Vm): Promise<string | undefined> {
    const { readConsole, clock, log } = this.#options;
    const { promise: late, resolve } = Promise.withResolvers<undefined>();
    const cancel = clock.after(READ_MS, () => {
      resolve(undefined);
    });
    const read = readConsole(vm).catch((error: unknown) => {
      log.debug('console not read', { vm: vm.key, error });
      return undefined;
    });
    const text = await Promise.race([read, late]);
    cancel();
    return text;
  }
}
