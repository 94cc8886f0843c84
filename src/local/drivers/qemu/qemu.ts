import { chownSync, chmodSync, mkdirSync, mkdtempSync } from 'node:fs';
import { availableParallelism, tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Vmi } from '../../../api/kubevirt.ts';
import type { Logger } from '../../../runtime/log.ts';
import { Supervision } from '../../supervision/supervision.ts';
import { Addresses } from '../addresses.ts';
import type { Driver, Guest } from '../driver.ts';
import { Boots } from './boots.ts';
import { qemuArguments, type Accelerator, type Place } from './arguments.ts';
import { disksOf } from './disks.ts';
import { QemuGuest } from './guest.ts';
import type { GuestImage, Images } from './image.ts';
import { kernelRange, type KernelRange } from './kernel.ts';
import { machineOf, type Machine } from './machine.ts';
import type { Link, Network } from './network/network.ts';
import { chooseNetwork } from './network/choose.ts';
import type { Qmp } from './qmp.ts';
import { goOn, nameGuest } from './snapshot/restore.ts';
import { Snapshots } from './snapshot/snapshots.ts';
import { templateOf, type GuestName } from './snapshot/template.ts';
import type { WatchdogLimits } from './watchdog/plan.ts';

const STOP_DEADLINE_MS = 5_000;
/** QEMU itself, and its translations (docs/local.md). */
const OVERHEAD_BYTES = 80 * 1024 ** 2;
/** The user that passt becomes when root starts it. */
const NOBODY = 65_534;

/** Translated code runs some fifteen times slower, and the host is busy with translating. */
const LIMITS: Readonly<Record<Accelerator, WatchdogLimits>> = {
  kvm: { bootMs: 20_000, silentMs: 10_000 },
  tcg: { bootMs: 120_000, silentMs: 30_000 },
};

/** JavaScript in OSv by QEMU's translation, as measured. */
const SLOWDOWN: Readonly<Record<Accelerator, number>> = { kvm: 1, tcg: 16 };
/** Booting translated is all work; booting on the host's own processor is mostly waiting. */
const BOOTS_PER_CORE: Readonly<Record<Accelerator, number>> = { kvm: 4, tcg: 1 };

export interface QemuDriverOptions {
  /** Folder for consoles. */
  readonly stateDir: string;
  readonly images: Images;
  readonly programs: { readonly qemu: string; readonly passt: string | undefined };
  readonly accelerator: Accelerator;
  readonly limits?: WatchdogLimits;
  /** `snapshot`: guests are restored from one that was saved, where their agent can be named. */
  readonly start?: 'boot' | 'snapshot' | undefined;
  /** Guests that boot at the same time. */
  readonly atOnce?: number;
  readonly log: Logger;
}

interface GuestParts {
  readonly machine: Machine;
  readonly image: GuestImage;
  readonly kernel: KernelRange;
  readonly restore?: { readonly file: string; readonly as: GuestName };
}

interface Begun {
  readonly supervision: Supervision;
  readonly sockets: string;
  readonly network: Network;
}

/** Guests as OSv in QEMU, all from one disk file for each image. */
export class QemuDriver implements Driver {
  readonly name = 'qemu';
  readonly isolation: string;
  readonly overheadBytes = OVERHEAD_BYTES;
  readonly slowdown: number;
  readonly #options: QemuDriverOptions;
  readonly #supervision: Supervision;
  readonly #sockets: string;
  readonly #network: Network;
  readonly #addresses = new Addresses();
  readonly #guests = new Map<string, QemuGuest>();
  readonly #boots: Boots;
  readonly #snapshots: Snapshots | undefined;

  private constructor(options: QemuDriverOptions, { supervision, sockets, network }: Begun) {
    this.#options = options;
    this.#supervision = supervision;
    this.#sockets = sockets;
    this.slowdown = SLOWDOWN[options.accelerator];
    const { atOnce } = options;
    this.#boots = new Boots(atOnce ?? availableParallelism() * BOOTS_PER_CORE[options.accelerator]);
    this.#network = network;
    const folder = join(options.stateDir, 'snapshots');
    this.#snapshots =
      options.start === 'snapshot'
        ? new Snapshots({ folder, sockets, log: options.log })
        : undefined;
    this.isolation = `each VM is OSv in a virtual machine of its own (${options.accelerator}, network ${this.#network.name}).`;
    supervision.onEnd((name, why) => {
      void this.#guests.get(name)?.gone(why);
      for (const guest of this.#guests.values()) guest.linkEnded(name);
    });
  }

  static async begin(options: QemuDriverOptions): Promise<QemuDriver> {
    const { stateDir } = options;
    mkdirSync(join(stateDir, 'console'), { recursive: true, mode: 0o700 });
    const sockets = socketFolder();
    const supervision = await Supervision.begin({
      stateDir,
      pidFile: join(stateDir, 'supervisor.pid'),
      temporary: true,
      removeToo: sockets,
      stopDeadlineMs: STOP_DEADLINE_MS,
    });
    const network = await chooseNetwork({ supervision, folder: join(sockets, 'net'), ...options });
    return new QemuDriver(options, { supervision, sockets, network });
  }

  get died(): Promise<string> {
    return this.#supervision.died.then((why) => `the supervisor of the guests ended with ${why}`);
  }

  async start(vmi: Vmi): Promise<Guest> {
    const machine = machineOf(vmi);
    const image = await this.#options.images.imageOf(vmi);
    const kernel = await kernelRange(image.kernel);
    const parts = { machine, image, kernel };
    return (await this.#restore(parts)) ?? this.#make(parts);
  }

  async stop(): Promise<void> {
    await this.#supervision.stop();
  }

  /** Undefined for a guest that has to boot. */
  async #restore({ machine, image, kernel }: GuestParts): Promise<QemuGuest | undefined> {
    const snapshots = this.#snapshots;
    const template = snapshots === undefined ? undefined : templateOf(machine, image);
    if (snapshots === undefined || template === undefined) return undefined;
    const named = (name: string): Machine => ({ ...template.machine, name });
    const saved = await snapshots.fileOf(template, (name) =>
      this.#make({ machine: named(name), image, kernel }),
    );
    if (saved === undefined) return undefined;
    const restore = { file: saved, as: template.name };
    const guest = this.#make({ machine: named(machine.name), image, kernel, restore });
    void Promise.race([guest.up, guest.ended]).then((end) => {
      if (end?.orderly === false && !guest.wasKilled) snapshots.forget(template, end.detail);
    });
    return guest;
  }

  #make({ machine, image, kernel, restore }: GuestParts): QemuGuest {
    const disks = disksOf(machine, image, this.#options.stateDir);
    const { accelerator, log } = this.#options;
    const { name } = machine;
    const ipAddress = this.#addresses.take();
    const consoleLog = join(this.#options.stateDir, 'console', `${name}.log`);
    const qmpSocket = join(this.#sockets, `${ipAddress}.qmp`);
    const launch = async (): Promise<Link> => {
      const link = await this.#network.attach(name, ipAddress);
      const place = { ...image, ...disks, accelerator, qmpSocket, console: consoleLog };
      this.#launch(machine, { ...place, netdev: link.netdev, restore: restore?.file });
      return link;
    };
    const wake = async (qmp: Qmp, signal: AbortSignal): Promise<void> => {
      await goOn(qmp, signal);
      if (restore !== undefined) await nameGuest(ipAddress, restore.as, signal);
    };
    const guest = new QemuGuest({
      ...{ name, ipAddress, consoleLog, qmpSocket, kernel, log, launch },
      ...(restore === undefined ? {} : { wake }),
      limits: this.#options.limits ?? LIMITS[accelerator],
      boots: this.#boots,
      kill: () => this.#supervision.kill(name),
    });
    this.#guests.set(name, guest);
    void guest.ended.then(() => {
      this.#guests.delete(name);
      this.#addresses.free(ipAddress);
      disks.remove();
    });
    return guest;
  }

  /** A saved guest comes by file descriptor 3, which a shell opens: QEMU 7 reads no file by name. */
  #launch({ name, ...machine }: Machine, place: Place): void {
    const { qemu } = this.#options.programs;
    const args = qemuArguments({ name, ...machine }, place);
    const program =
      place.restore === undefined
        ? { file: qemu, args }
        : { file: 'sh', args: ['-c', 'exec "$@" 3<"$0"', place.restore, qemu, ...args] };
    this.#supervision.start({ name, ...program, log: place.console });
  }
}

/** A socket's path has 107 characters at most, and passt as root writes as nobody. */
function socketFolder(): string {
  const folder = mkdtempSync(join(tmpdir(), 'osv-faas-'));
  const net = join(folder, 'net');
  mkdirSync(net, { mode: 0o700 });
  if (process.getuid?.() === 0) {
    chmodSync(folder, 0o711);
    chownSync(net, NOBODY, NOBODY);
  }
  return folder;
}
