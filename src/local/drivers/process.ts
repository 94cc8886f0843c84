import { mkdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { AGENT_ENV } from '../../api/agent-protocol.ts';
import type { Vmi } from '../../api/kubevirt.ts';
import { bytesOf } from '../../domain/quantity.ts';
import type { Logger } from '../../runtime/log.ts';
import { Supervision } from '../controlplane/supervision.ts';
import { Addresses } from './addresses.ts';
import { parseCommandLine } from './command-line.ts';
import type { Driver, Guest, GuestEnd } from './driver.ts';
import { privateBytes } from './memory.ts';

const MIB = 1024 ** 2;
const MEMORY_CHECK_MS = 250;
const STOP_DEADLINE_MS = 5_000;

export interface ProcessDriverOptions {
  /** Folder for consoles and the guests' own files. */
  readonly stateDir: string;
  readonly log: Logger;
}

interface Running {
  readonly end: (end: GuestEnd) => void;
  readonly memoryBytes: number;
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

  start(vmi: Vmi): Promise<Guest> {
    const { name } = vmi.metadata;
    const { env, command } = parseCommandLine(
      vmi.spec.domain.firmware?.kernelBoot?.kernelArgs ?? '',
    );
    if (command[0] !== '/node') {
      const what = command[0] ?? 'nothing';
      throw new Error(`the process driver runs Node only, the kernel arguments start ${what}`);
    }
    const ipAddress = this.#addresses.take();
    const consoleLog = join(this.#options.stateDir, 'console', `${name}.log`);
    const memoryBytes = bytesOf(vmi.spec.domain.memory?.guest ?? '128Mi');
    const { promise: ended, resolve } = Promise.withResolvers<GuestEnd>();
    const end = (how: GuestEnd): void => {
      this.#addresses.free(ipAddress);
      resolve(how);
    };
    this.#running.set(name, { end, memoryBytes, why: undefined });
    const flags = command.slice(1).filter((word) => word.startsWith('--'));
    const args = this.#commandLine(name, { ...env, [AGENT_ENV.host]: ipAddress }, flags);
    this.#supervision.start({ name, file: 'env', args, log: consoleLog });
    const kill = async (): Promise<void> => {
      await this.#supervision.kill(name);
    };
    // What connects too early is refused at once.
    const up = Promise.resolve();
    return Promise.resolve({ ipAddress, consoleLog, up, ended, kill });
  }

  async stop(): Promise<void> {
    clearInterval(this.#timer);
    await this.#supervision.stop();
  }

  /** The agent is this checkout's; Node's own flags are the guest's. */
  #commandLine(name: string, env: Record<string, string>, flags: readonly string[]): string[] {
    const extension = import.meta.url.endsWith('.ts') ? 'ts' : 'js';
    const agent = fileURLToPath(new URL(`../../agent/main.${extension}`, import.meta.url));
    const own = {
      ...env,
      PATH: '/usr/bin:/bin',
      TMPDIR: this.#folder(name),
      // Guests load the same agent: the second one need not compile it.
      NODE_COMPILE_CACHE: join(this.#options.stateDir, 'compile-cache'),
    };
    const pairs = Object.entries(own).map(([key, value]) => `${key}=${value}`);
    return ['-i', ...pairs, process.execPath, ...flags, agent];
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
    running?.end({ orderly: why === 'code 0', detail: running.why ?? why });
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
