import { extname } from 'node:path';
import { Worker, type ResourceLimits } from 'node:worker_threads';
import type { SourceFile } from '../../operator/bind/bundle.ts';
import { SourceProblem } from '../../operator/sources/problem.ts';
import { messageOf } from '../../runtime/errors.ts';
import type { UnpackAnswer, UnpackOrder } from './messages.ts';

export interface UnpackLimits {
  /** For one archive. */
  readonly milliseconds: number;
  /** Of the thread, without contents of files, which unpacking bounds by itself. */
  readonly memory: ResourceLimits;
  /** A thread without work ends after this. */
  readonly idleMs: number;
}

const LIMITS: UnpackLimits = {
  milliseconds: 30_000,
  memory: { maxOldGenerationSizeMb: 192, maxYoungGenerationSizeMb: 32, stackSizeMb: 4 },
  idleMs: 10_000,
};

/** From a checkout Node runs the TypeScript as it is; what is shipped has JavaScript beside this file. */
const WORKER = new URL(`./worker${extname(import.meta.url)}`, import.meta.url);

/**
 * Unpacks archives in one thread, one after the other; whatever is in them, this thread never
 * waits. A thread that breaks a limit, or whose work nobody wants any more, is ended, and the next
 * archive gets a new one.
 */
export class UnpackThread {
  readonly #limits: UnpackLimits;
  readonly #entry: URL;
  #worker: Worker | undefined;
  #idle: NodeJS.Timeout | undefined;
  #last: Promise<unknown> = Promise.resolve();

  constructor(limits: Partial<UnpackLimits> = {}, entry = WORKER) {
    this.#limits = { ...LIMITS, ...limits };
    this.#entry = entry;
  }

  /**
   * @param archive all of a memory of its own, which this call takes
   * @throws SourceProblem, or the reason of the signal
   */
  unpack(archive: Buffer<ArrayBuffer>, signal: AbortSignal): Promise<readonly SourceFile[]> {
    const work = this.#last.then(() => this.#unpack(archive, signal));
    this.#last = work.catch(() => undefined);
    return work;
  }

  async close(): Promise<void> {
    clearTimeout(this.#idle);
    const worker = this.#worker;
    this.#worker = undefined;
    await worker?.terminate();
  }

  async #unpack(archive: Buffer<ArrayBuffer>, signal: AbortSignal): Promise<readonly SourceFile[]> {
    signal.throwIfAborted();
    clearTimeout(this.#idle);
    try {
      const answer = await this.#ask({ archive: archive.buffer }, signal);
      if ('reason' in answer) throw new SourceProblem(answer.reason, answer.detail);
      return filesOf(answer);
    } finally {
      this.#idle = setTimeout(() => void this.close(), this.#limits.idleMs).unref();
    }
  }

  #ask(order: UnpackOrder, signal: AbortSignal): Promise<UnpackAnswer> {
    const { promise, resolve, reject } = Promise.withResolvers<UnpackAnswer>();
    const worker = (this.#worker ??= this.#start());
    const giveUp = (error: Error): void => {
      reject(error);
      void this.close();
    };
    const timer = setTimeout(() => {
      const detail = `it was not unpacked within ${this.#limits.milliseconds / 1000} seconds`;
      giveUp(new SourceProblem('UnpackFailed', detail));
    }, this.#limits.milliseconds);
    const abort = (): void => {
      giveUp(signal.reason as Error);
    };
    const fail = (error: unknown): void => {
      giveUp(failureOf(error));
    };
    worker.once('message', resolve).once('error', fail).once('exit', fail);
    signal.addEventListener('abort', abort);
    worker.postMessage(order, [order.archive]);
    return promise.finally(() => {
      clearTimeout(timer);
      signal.removeEventListener('abort', abort);
      worker.off('message', resolve).off('error', fail).off('exit', fail);
    });
  }

  #start(): Worker {
    const { memory } = this.#limits;
    const worker = new Worker(this.#entry, { name: 'unpack', env: {}, resourceLimits: memory });
    // Also when nobody waits for it: an error without listener would end the process.
    worker.on('error', () => {
      if (this.#worker === worker) this.#worker = undefined;
    });
    worker.unref();
    return worker;
  }
}

function failureOf(error: unknown): SourceProblem {
  const code = (error as { code?: unknown }).code;
  if (code === 'ERR_WORKER_OUT_OF_MEMORY') {
    return new SourceProblem('SourceTooLarge', 'to unpack it takes more memory than it may');
  }
  const why = error instanceof Error ? messageOf(error) : `it ended with ${String(error)}`;
  return new SourceProblem('UnpackFailed', `the thread that unpacks it failed: ${why}`);
}

function filesOf({ contents, files }: Extract<UnpackAnswer, { files: unknown }>): SourceFile[] {
  let at = 0;
  return files.map(({ path, size }) => {
    const content = Buffer.from(contents, at, size);
    at += size;
    return { path, content };
  });
}
