import { execFile, spawn, type ChildProcess, type StdioOptions } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { connect } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import { promisify } from 'node:util';

const run = promisify(execFile);

/** Kernel ticks are hundredths of a second wherever Linux runs Node. */
const TICK_MS = 10;

/** @throws Error that names the program and how to get it */
export async function needProgram(name: string): Promise<void> {
  try {
    await run('which', [name]);
  } catch {
    throw new Error(`${name} is needed and not installed (Debian: apt-get install ${name})`);
  }
}

/** A process of the benchmark, pinned to one core. */
export interface Pinned {
  readonly pid: number;
  /** CPU milliseconds, user and system, of all its threads. */
  cpuMs(): number;
  stop(): Promise<void>;
}

export interface PinnedOptions {
  readonly core: number;
  readonly stdio?: StdioOptions;
  readonly env?: Readonly<Record<string, string>>;
}

/** taskset execs the program, so that its process id is the program's. */
export function startPinned(
  command: readonly string[],
  { core, stdio = 'ignore', env = {} }: PinnedOptions,
): Pinned {
  const child = spawn('taskset', ['-c', String(core), ...command], {
    stdio,
    env: { ...process.env, ...env },
  });
  const { pid } = child;
  if (pid === undefined) throw new Error(`${command[0] ?? ''} does not start`);
  return {
    pid,
    cpuMs: () => cpuMs(pid),
    stop: () => stop(child),
  };
}

/** CPU milliseconds, user and system, of all threads of a process. */
export function cpuMs(pid: number): number {
  const stat = readFileSync(`/proc/${pid}/stat`, 'utf8');
  // The name, in parentheses, may hold spaces.
  const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
  return (Number(fields[11]) + Number(fields[12])) * TICK_MS;
}

/** What a process holds of the machine's memory. */
export function memoryBytes(pid: number): number {
  const status = readFileSync(`/proc/${pid}/status`, 'utf8');
  return 1024 * Number(/^VmRSS:\s+(\d+) kB$/m.exec(status)?.[1]);
}

async function stop(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return;
  const ended = new Promise((resolve) => child.once('exit', resolve));
  child.kill('SIGTERM');
  const timer = setTimeout(() => child.kill('SIGKILL'), 5_000);
  await ended;
  clearTimeout(timer);
}

/** Resolves when something accepts connections there. */
export async function listening(port: number): Promise<void> {
  for (let tries = 0; tries < 200; tries += 1) {
    if (await accepts(port)) return;
    await sleep(50);
  }
  throw new Error(`nothing listens on port ${port} after 10 s`);
}

function accepts(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect({ port, host: '127.0.0.1' });
    socket.once('connect', () => {
      socket.destroy();
      resolve(true);
    });
    socket.once('error', () => {
      resolve(false);
    });
  });
}
