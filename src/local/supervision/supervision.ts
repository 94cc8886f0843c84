import { spawn, type ChildProcessByStdio } from 'node:child_process';
import { EventEmitter, once } from 'node:events';
import { createInterface } from 'node:readline';
import type { Readable, Writable } from 'node:stream';
import { fileURLToPath } from 'node:url';
import type { Command, Event, SupervisorConfig } from './protocol.ts';

export interface Program {
  readonly name: string;
  readonly file: string;
  readonly args: readonly string[];
  readonly log: string;
}

type Supervisor = ChildProcessByStdio<Writable, Readable, null>;

/** Our end of the pipe to the supervisor (supervisor.ts), which runs the servers. */
export class Supervision {
  readonly #process: Supervisor;
  readonly #running = new Map<string, number>();
  /** Asked for, and not ended since: what is asked for runs a moment later. */
  readonly #asked = new Set<string>();
  readonly #ends = new Map<string, string>();
  readonly #changes = new EventEmitter();
  readonly #died = Promise.withResolvers<string>();
  readonly #ended: Promise<void>;
  #stopping = false;
  #gone = false;

  private constructor(supervisor: Supervisor) {
    this.#process = supervisor;
    this.#changes.setMaxListeners(0);
    // Not 'exit', which may come before the last of what it told.
    this.#ended = once(supervisor, 'close').then(() => {
      this.#gone = true;
      this.#killLeftOvers();
      const { signalCode, exitCode } = supervisor;
      if (!this.#stopping) this.#died.resolve(signalCode ?? `code ${exitCode ?? 'unknown'}`);
    });
    createInterface({ input: supervisor.stdout }).on('line', (line) => {
      this.#note(JSON.parse(line) as Event);
    });
    // A supervisor that is gone is noticed by its exit.
    supervisor.stdin.on('error', () => undefined);
  }

  static async begin(config: SupervisorConfig): Promise<Supervision> {
    const extension = import.meta.url.endsWith('.ts') ? 'ts' : 'js';
    const program = fileURLToPath(new URL(`./supervisor.${extension}`, import.meta.url));
    const child = spawn(process.execPath, [program, JSON.stringify(config)], {
      detached: true,
      stdio: ['pipe', 'pipe', 'inherit'],
    });
    const supervision = new Supervision(child);
    await Promise.race([once(supervision.#changes, 'ready'), supervision.#failed()]);
    return supervision;
  }

  start(program: Program): void {
    this.#ends.delete(program.name);
    this.#asked.add(program.name);
    this.#send({ op: 'start', ...program });
  }

  /** Ends it at once (SIGKILL); resolves when it is gone. */
  async kill(name: string): Promise<void> {
    if (!this.#asked.has(name)) return;
    const gone = once(this.#changes, `exited:${name}`);
    this.#send({ op: 'kill', name });
    await Promise.race([gone, this.#ended]);
  }

  /** Why a program that was started is not running, or undefined while it is. */
  endOf(name: string): string | undefined {
    return this.#ends.get(name);
  }

  pidOf(name: string): number | undefined {
    return this.#running.get(name);
  }

  /** Calls back for every end of a program, wanted or not, with its name and why. */
  onEnd(listener: (name: string, why: string) => void): void {
    this.#changes.on('end', listener);
  }

  /** Resolves with an exit code or a signal when the supervisor itself ends, unasked: nothing can be started then. */
  get died(): Promise<string> {
    return this.#died.promise;
  }

  /** The supervisor has ended, asked or not. */
  get isGone(): boolean {
    return this.#gone;
  }

  get pid(): number | undefined {
    return this.#process.pid;
  }

  /** Resolves when the servers and the supervisor are gone and temporary state is removed. */
  async stop(): Promise<void> {
    this.#stopping = true;
    this.#send({ op: 'stop' });
    this.#process.stdin.end();
    await this.#ended;
  }

  #send(command: Command): void {
    if (this.#process.stdin.writable) this.#process.stdin.write(`${JSON.stringify(command)}\n`);
  }

  #note(event: Event): void {
    if (event.event === 'started') this.#running.set(event.name, event.pid);
    if (event.event === 'exited') {
      this.#running.delete(event.name);
      this.#asked.delete(event.name);
      this.#ends.set(event.name, event.why);
      this.#changes.emit(`exited:${event.name}`);
      this.#changes.emit('end', event.name, event.why);
    }
    this.#changes.emit(event.event);
  }

  async #failed(): Promise<never> {
    await this.#ended;
    throw new Error(`the supervisor ended with code ${this.#process.exitCode ?? 'unknown'}`);
  }

  /**
   * Only when somebody killed the supervisor itself: then its work is ours. What it started is in
   * its process group, that also of which it had no time to tell, and what that started.
   */
  #killLeftOvers(): void {
    const names = [...this.#asked];
    this.#running.clear();
    this.#asked.clear();
    killGroup(this.#process.pid);
    for (const name of names) {
      this.#ends.set(name, 'supervisor gone');
      this.#changes.emit('end', name, 'the end of its supervisor');
    }
  }
}

function killGroup(leader: number | undefined): void {
  if (leader === undefined) return;
  try {
    process.kill(-leader, 'SIGKILL');
  } catch {
    // Nobody is left.
  }
}
