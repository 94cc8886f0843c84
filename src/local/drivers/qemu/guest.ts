import type { Logger } from '../../../runtime/log.ts';
import { messageOf } from '../../../runtime/errors.ts';
import type { Guest, GuestEnd } from '../driver.ts';
import type { Boots } from './boots.ts';
import { detailOf } from '../console.ts';
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
  readonly limits: WatchdogLimits;
  readonly boots: Boots;
  /** Makes the link and starts QEMU on it. */
  readonly launch: () => Promise<Link>;
  /** Makes a guest that was read from a file somebody; resolves with its first answer. */
  readonly wake?: (qmp: Qmp, signal: AbortSignal) => Promise<void>;
  /** SIGKILL; resolves when QEMU is gone. */
  readonly kill: () => Promise<void>;
  readonly log: Logger;
}

const KILLED = 'killed';
/** passt ends by itself when its QEMU does. */
const LINK_GRACE_MS = 1_000;

/** One QEMU process, from its turn to boot to its end, and who watches over it. */
export class QemuGuest implements Guest {
  readonly ipAddress: string;
  readonly consoleLog: string;
  readonly up: Promise<void>;
  readonly ended: Promise<GuestEnd>;
  readonly #options: QemuGuestOptions;
  readonly #gone = new AbortController();
  readonly #up: PromiseWithResolvers<void> = Promise.withResolvers();
  readonly #end = Promise.withResolvers<GuestEnd>();
  #link: Link | undefined;
  #qmp: Promise<Qmp> | undefined;
  #why: string | undefined;
  #shutdown: string | undefined;

  constructor(options: QemuGuestOptions) {
    this.#options = options;
    this.ipAddress = options.ipAddress;
    this.consoleLog = options.consoleLog;
    this.up = this.#up.promise;
    this.ended = this.#end.promise;
    void this.#live();
  }

  /** Aborts when the guest is gone. */
  get signal(): AbortSignal {
    return this.#gone.signal;
  }

  /** @throws Error when QEMU has not been started, or is gone */
  get qmp(): Promise<Qmp> {
    return this.#qmp ?? Promise.reject(new Error('QEMU has not been started'));
  }

  /** Somebody asked for its end. */
  get wasKilled(): boolean {
    return this.#why === KILLED;
  }

  async kill(): Promise<void> {
    this.#why ??= KILLED;
    // Before its turn to boot there is nothing to end.
    if (this.#link === undefined) await this.gone(KILLED);
    else await this.#options.kill();
    await this.ended;
  }

  /** A program of the network ended: the same one that ends by itself behind QEMU. */
  linkEnded(program: string): void {
    if (program !== linkName(this.#options.name)) return;
    setTimeout(() => void this.#endFor('its network has ended'), LINK_GRACE_MS).unref();
  }

  /** QEMU is gone, for this reason of the operating system's. */
  async gone(why: string): Promise<void> {
    this.#gone.abort();
    await this.#link?.close();
    this.#end.resolve({
      // QEMU says guest-shutdown of an abort too: what the console says is all there is.
      orderly: this.#why === undefined && this.#shutdown === 'guest-shutdown',
      detail: await detailOf(this.#why ?? this.#shutdown ?? why, this.consoleLog),
    });
  }

  async #live(): Promise<void> {
    const booted = await this.#options.boots.enter();
    try {
      if (!this.#isGone()) await this.#run(booted);
    } catch (error) {
      // Before the kill, which would be all that is told.
      this.#why ??= messageOf(error);
      await this.#options.kill();
      await this.gone(messageOf(error));
    } finally {
      booted();
    }
  }

  async #run(booted: () => void): Promise<void> {
    this.#link = await this.#options.launch();
    // Killed while it was launched: it was not there to be killed.
    if (this.#isGone()) await this.#options.kill();
    this.#qmp = this.#listen(this.#options.qmpSocket);
    // Who waits for it sees why it failed.
    this.#qmp.catch(() => undefined);
    if (this.#options.wake !== undefined) {
      await this.#options.wake(await this.#qmp, this.signal);
      // It has answered: to its name.
      this.#up.resolve();
    }
    const why = await this.#watch(this.#qmp, booted);
    if (why !== undefined) await this.#endFor(why);
  }

  async #watch(qmp: Promise<Qmp>, booted: () => void): Promise<string | undefined> {
    const { ipAddress: address, kernel, limits, wake } = this.#options;
    // One that has woken has its network, and does not tell again.
    const consoleLog = wake === undefined ? this.consoleLog : undefined;
    const { signal } = this;
    const onAnswer = (): void => {
      this.#up.resolve();
    };
    const told = { onAnswer, onSettled: booted };
    return watch({ address, consoleLog, kernel, qmp, limits, signal, ...told });
  }

  /** QEMU's exit code does not say why it ended; its protocol does. */
  async #listen(socket: string): Promise<Qmp> {
    const qmp = await Qmp.open(socket, this.#gone.signal);
    qmp.on('SHUTDOWN', (data) => {
      this.#shutdown = (data as { readonly reason: string }).reason;
    });
    this.#gone.signal.addEventListener('abort', () => {
      qmp.close();
    });
    return qmp;
  }

  #isGone(): boolean {
    return this.#gone.signal.aborted;
  }

  async #endFor(why: string): Promise<void> {
    if (this.#isGone()) return;
    this.#why = why;
    this.#options.log.warn('guest killed', { vm: this.#options.name, why });
    await this.kill();
  }
}
