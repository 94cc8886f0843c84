import type { Logger } from '../../../runtime/log.ts';
import type { Guest, GuestEnd } from '../driver.ts';
import { lastWords } from './console.ts';
import type { KernelRange } from './kernel.ts';
import type { Link } from './network/network.ts';
import { linkName } from './network/passt.ts';
import { Qmp } from './qmp.ts';
import type { WatchdogLimits } from './watchdog/plan.ts';
import { watch } from './watchdog/watchdog.ts';

export interface QemuGuestOptions {
  readonly name: string;
  readonly ipAddress: string;
  readonly consoleLog: string;
  readonly qmpSocket: string;
  readonly kernel: KernelRange;
  readonly link: Link;
  readonly limits: WatchdogLimits;
  /** SIGKILL; resolves when QEMU is gone. */
  readonly kill: () => Promise<void>;
  readonly log: Logger;
}

/** passt ends by itself when its QEMU does. */
const LINK_GRACE_MS = 1_000;

/** One QEMU process while it lives: what it says of itself, and who watches over it. */
export class QemuGuest implements Guest {
  readonly ipAddress: string;
  readonly consoleLog: string;
  readonly ended: Promise<GuestEnd>;
  readonly qmp: Promise<Qmp>;
  readonly #options: QemuGuestOptions;
  readonly #gone = new AbortController();
  readonly #end = Promise.withResolvers<GuestEnd>();
  #why: string | undefined;
  #shutdown: string | undefined;

  constructor(options: QemuGuestOptions) {
    this.#options = options;
    this.ipAddress = options.ipAddress;
    this.consoleLog = options.consoleLog;
    this.ended = this.#end.promise;
    this.qmp = Qmp.open(options.qmpSocket, this.#gone.signal);
    this.qmp.then(
      (qmp) => {
        qmp.on('SHUTDOWN', (data) => {
          this.#shutdown = (data as { readonly reason: string }).reason;
        });
      },
      () => undefined,
    );
    void this.#watch();
  }

  kill(): Promise<void> {
    return this.#options.kill();
  }

  /** A program of the network ended: the same one that ends by itself behind QEMU. */
  linkEnded(program: string): void {
    if (program !== linkName(this.#options.name)) return;
    setTimeout(() => void this.#endFor('its network has ended'), LINK_GRACE_MS).unref();
  }

  /** QEMU is gone, for this reason of the operating system's. */
  async gone(why: string): Promise<void> {
    this.#gone.abort();
    this.qmp.then(
      (qmp) => {
        qmp.close();
      },
      () => undefined,
    );
    await this.#options.link.close();
    const words = await lastWords(this.consoleLog);
    const how = this.#why ?? this.#shutdown ?? why;
    this.#end.resolve({
      // QEMU says 0 and guest-shutdown of an abort too: what the console says is all there is.
      orderly: this.#why === undefined && this.#shutdown === 'guest-shutdown',
      detail: words === '' ? how : `${how}; the last of its console: ${words}`,
    });
  }

  async #watch(): Promise<void> {
    const { ipAddress: address, kernel, limits } = this.#options;
    const { qmp } = this;
    const why = await watch({ address, kernel, qmp, limits, signal: this.#gone.signal });
    if (why !== undefined) await this.#endFor(why);
  }

  async #endFor(why: string): Promise<void> {
    if (this.#gone.signal.aborted) return;
    this.#why = why;
    this.#options.log.warn('guest killed', { vm: this.#options.name, why });
    await this.kill();
  }
}
