import { mkdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { AGENT_ENV } from '../../api/agent-protocol.ts';
import type { Vmi } from '../../api/kubevirt.ts';
import { bytesOf } from '../../domain/quantity.ts';
import type { Logger } from '../../runtime/log.ts';
import { Supervision } from '../supervision/supervision.ts';
import { Addresses } from './addresses.ts';
import { commandLineOf } from './command-line.ts';
import { detailOf } from './console.ts';
import type { Driver, Guest, GuestEnd } from './driver.ts';
import { privateBytes } from './memory.ts';
import { hostProgram, type HostPrograms } from './programs.ts';

const MIB = 1024 ** 2;
const MEMORY_CHECK_MS = 250;
const STOP_DEADLINE_MS = 5_000;

export interface ProcessDriverOptions {
  /** Folder for consoles and the guests' own files. */
  readonly stateDir: string;
  readonly log: Logger;
  /** What this machine has for guests of other runtimes than Node. */
  readonly java?: HostPrograms['java'];
  readonly native?: HostPrograms['native'];
}

interface Running {
  readonly end: (end: GuestEnd) => void;
  readonly memoryBytes: number;
  readonly consoleLog: string;
  why: string | undefined;
}

/** Guests as child processes that run the same agent as the OSv image does. */
export class ProcessDriver implements Driver {
  readonly name = 'process';
  readonly isolation =
    'each VM is an ordinary process of yours: own address, own heap, a memory cap, but no virtual machine. Run your own code only.';
  readonly overheadBytes = 0;
  readonly slowdown = 1;
  readonly #options: ProcessDriverOptions;
  readonly #supervision: Supervision;
  readonly #addresses = new Addresses();
  readonly #running = new Map<string, Running>();
  readonly #timer: NodeJS.Timeout;

  private constructor(options: ProcessDriverOptions, supervision: Supervision) {
    this.#options = options;
    this.#supervision = supervision;
    supervision.onEnd((name, why) => {
      this.#ended(name, why);
    });
    this.#timer = setInterval(() => void this.#checkMemory(), MEMORY_CHECK_MS);
  }

  static async begin(options: ProcessDriverOptions): Promise<ProcessDriver> {
    const { stateDir } = options;
    mkdirSync(join(stateDir, 'console'), { recursive: true, mode: 0o700 });
    const config = { stateDir, pidFile: join(stateDir, 'supervisor.pid'), temporary: true };
    const supervision = await Supervision.begin({ ...config, stopDeadlineMs: STOP_DEADLINE_MS });
    return new ProcessDriver(options, supervision);
  }

  get died(): Promise<string> {
    return this.#supervision.died.then((why) => `the supervisor of the guests ended with ${why}`);
  }

  async start(vmi: Vmi): Promise<Guest> {
    const { name } = vmi.metadata;
    const { env, command } = commandLineOf(vmi);
    const { stateDir, java, native } = this.#options;
    const cacheDir = join(stateDir, 'compile-cache');
    const program = await hostProgram(command, { cacheDir, java, native });
    const ipAddress = this.#addresses.take();
    const consoleLog = join(stateDir, 'console', `${name}.log`);
    const memoryBytes = bytesOf(vmi.spec.domain.memory?.guest ?? '128Mi');
    const { promise: ended, resolve } = Promise.withResolvers<GuestEnd>();
    const end = (how: GuestEnd): void => {
      this.#addresses.free(ipAddress);
      resolve(how);
    };
    this.#running.set(name, { end, memoryBytes, consoleLog, why: undefined });
    const own = {
      ...env,
      ...program.env,
      [AGENT_ENV.host]: ipAddress,
      PATH: '/usr/bin:/bin',
      TMPDIR: this.#folder(name),
    };
    const pairs = Object.entries(own).map(([key, value]) => `${key}=${value}`);
    const args = ['-i', ...pairs, program.file, ...program.args];
    this.#supervision.start({ name, file: 'env', args, log: consoleLog });
    const kill = async (): Promise<void> => {
      await this.#supervision.kill(name);
    };
    // What connects too early is refused at once.
    return { ipAddress, consoleLog, up: Promise.resolve(), ended, kill };
  }

  async stop(): Promise<void> {
    clearInterval(this.#timer);
    await this.#supervision.stop();
  }

  #folder(name: string): string {
    const folder = join(this.#options.stateDir, 'tmp', name);
    mkdirSync(folder, { recursive: true, mode: 0o700 });
    return folder;
  }

  #ended(name: string, why: string): void {
    const running = this.#running.get(name);
    this.#running.delete(name);
    rmSync(join(this.#options.stateDir, 'tmp', name), { recursive: true, force: true });
    if (running === undefined) return;
    void detailOf(running.why ?? why, running.consoleLog).then((detail) => {
      running.end({ orderly: why === 'code 0', detail });
    });
  }

  /** No kernel stops such a guest at its memory: this does. */
  async #checkMemory(): Promise<void> {
    for (const [name, running] of this.#running) {
      const pid = this.#supervision.pidOf(name);
      const bytes = pid === undefined ? undefined : await privateBytes(pid);
      if (bytes === undefined || bytes <= running.memoryBytes) continue;
      running.why = `out of memory: ${Math.round(bytes / MIB)} MiB of ${Math.round(running.memoryBytes / MIB)}`;
      this.#options.log.warn('guest killed', { vm: name, why: running.why });
      await this.#supervision.kill(name);
    }
  }
}
