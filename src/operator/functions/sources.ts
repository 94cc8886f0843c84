import type { Function } from '../../api/types.ts';
import { retryMs } from '../../domain/retry.ts';
import type { Clock } from '../../runtime/clock.ts';
import { keyOf } from '../../runtime/kube.ts';
import type { Blocked } from '../applications/registry.ts';
import type { ResolvedFunction } from '../bind/bundle.ts';
import { SourceProblem } from '../sources/problem.ts';
import { referencesOf } from '../sources/references.ts';
import type { Resolve } from '../sources/resolve.ts';
import type { ReferencedObjects } from './references.ts';

/** Most sources are there by then; what takes longer keeps nobody from looking at other Functions. */
const WAIT_MS = 2_000;

/** What is known of a source: one of the three. */
export interface SourceState {
  readonly resolved?: ResolvedFunction;
  readonly problem?: Blocked;
  /** It is being read; whoever sees this is told when that is over. */
  readonly reading?: true;
  /** With a problem: when to ask again, milliseconds. */
  readonly retryAfterMs?: number;
}

interface Read {
  /** All that the source depends on, as it was when the reading began. */
  readonly from: string;
  readonly stop: AbortController;
  /** Of tries in a row, this one not counted. */
  readonly failures: number;
  readonly done: Promise<void>;
  end?:
    { readonly resolved: ResolvedFunction } | { readonly error: unknown; readonly until: number };
  /** Somebody was told that it goes on. */
  seen: boolean;
}

export interface SourcesOptions {
  readonly resolve: Resolve;
  readonly objects: ReferencedObjects;
  readonly clock: Clock;
  readonly over: (key: string) => void;
}

/**
 * Sources as they were read last: read again only when the Function or an object that it names has changed,
 * and what failed after a pause that grows.
 */
export class Sources {
  readonly #options: SourcesOptions;
  readonly #reads = new Map<string, Read>();

  constructor(options: SourcesOptions) {
    this.#options = options;
  }

  /** The very same answer as before while nothing has changed. @throws the API client's error */
  async of(fn: Function): Promise<SourceState> {
    const key = keyOf(fn);
    const read = this.#readOf(key, fn);
    if (read.end === undefined) await this.#wait(read);
    const { end } = read;
    if (end === undefined) {
      read.seen = true;
      return { reading: true };
    }
    if ('resolved' in end) return end;
    if (!(end.error instanceof SourceProblem)) {
      this.#reads.delete(key);
      throw end.error;
    }
    const retryAfterMs = Math.max(0, end.until - this.#options.clock.now());
    const { reason, message: detail } = end.error;
    return { problem: { reason, detail }, retryAfterMs };
  }

  /** Whatever is being read for it is broken off. */
  forget(key: string): void {
    this.#reads.get(key)?.stop.abort();
    this.#reads.delete(key);
  }

  #readOf(key: string, fn: Function): Read {
    const from = this.#versionsOf(fn);
    const before = this.#reads.get(key);
    const same = before?.from === from;
    const { end } = before ?? {};
    const isDue = end !== undefined && 'until' in end && end.until <= this.#options.clock.now();
    if (same && !isDue) return before;
    this.forget(key);
    const read = this.#begin(key, fn, { from, failures: same ? before.failures + 1 : 0 });
    this.#reads.set(key, read);
    return read;
  }

  #begin(key: string, fn: Function, of: Pick<Read, 'from' | 'failures'>): Read {
    const stop = new AbortController();
    const { promise, resolve } = Promise.withResolvers<undefined>();
    const read: Read = { ...of, stop, done: promise, seen: false };
    const finish = (end: Exclude<Read['end'], undefined>): void => {
      read.end = end;
      resolve(undefined);
      if (read.seen && !stop.signal.aborted) this.#options.over(key);
    };
    this.#options.resolve(fn, stop.signal).then(
      (resolved) => {
        finish({ resolved });
      },
      (error: unknown) => {
        const until = this.#options.clock.now() + retryMs(of.failures, Math.random());
        finish({ error, until });
      },
    );
    return read;
  }

  async #wait({ done }: Read): Promise<void> {
    const { promise, resolve } = Promise.withResolvers<undefined>();
    const cancel = this.#options.clock.after(WAIT_MS, () => {
      resolve(undefined);
    });
    await Promise.race([done, promise]);
    cancel();
  }

  #versionsOf(fn: Function): string {
    const { uid, generation } = fn.metadata;
    const versions = referencesOf(fn).map(
      ({ kind, key }) => this.#options.objects[kind].get(key)?.metadata.resourceVersion,
    );
    return JSON.stringify([uid, generation, ...versions]);
  }
}
