/**
 * A process of its own between us and the servers. Its standard input is a pipe
 * that only we hold: when we die, by `kill -9` too, the kernel closes it, and the
 * supervisor ends the servers and removes what was temporary. It runs in its own
 * session, so that Ctrl-C in a terminal reaches us alone and the order stays ours.
 *
 * Run as `node supervisor.ts <SupervisorConfig as JSON>`; commands and events are
 * JSON lines, see supervisor-protocol.ts.
 */
import { spawn, type ChildProcess } from 'node:child_process';
import { closeSync, existsSync, openSync, rmSync, writeFileSync, writeSync } from 'node:fs';
import { createInterface } from 'node:readline';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Command, Event, StartCommand, SupervisorConfig } from './protocol.ts';

const REMOVE_MS = 30_000;
const AGAIN_MS = 100;

const config = JSON.parse(process.argv[2] ?? '{}') as SupervisorConfig;
const children = new Map<string, ChildProcess>();
let stopping = false;

function tell(event: Event): void {
  process.stdout.write(`${JSON.stringify(event)}\n`);
}

function start({ name, file, args, log }: StartCommand): void {
  const out = openSync(log, 'a', 0o600);
  const child = spawn(file, args, { stdio: ['ignore', out, out] });
  closeSync(out);
  children.set(name, child);
  child.once('error', (error) => {
    children.delete(name);
    tell({ event: 'exited', name, why: error.message });
  });
  child.once('exit', (code, signal) => {
    children.delete(name);
    tell({ event: 'exited', name, why: signal ?? `code ${code ?? 'unknown'}` });
  });
  if (child.pid !== undefined) tell({ event: 'started', name, pid: child.pid });
}

function obey(command: Command): void {
  if (stopping) return;
  if (command.op === 'start') start(command);
  else if (command.op === 'kill') children.get(command.name)?.kill('SIGKILL');
  else void stop();
}

/** Last started first; what does not go in time is killed. */
async function stop(): Promise<void> {
  if (stopping) return;
  stopping = true;
  for (const [, child] of [...children].reverse()) await end(child);
  if (config.temporary) await remove(config.stateDir);
  else rmSync(config.pidFile, { force: true });
  if (config.removeToo !== undefined) await remove(config.removeToo);
  process.exit(0);
}

/**
 * Other supervisors of the same parent write and remove there at the same moment: then rmSync
 * throws, or reports success with folders left (Node 26). So what is there is looked at.
 */
async function remove(folder: string): Promise<void> {
  const until = Date.now() + REMOVE_MS;
  for (;;) {
    try {
      rmSync(folder, { recursive: true, force: true });
    } catch {
      // Somebody wrote there.
    }
    if (!existsSync(folder)) return;
    if (Date.now() > until) {
      complain(`${folder} could not be removed within ${REMOVE_MS / 1000} s`);
      return;
    }
    await sleep(AGAIN_MS);
  }
}

/** At once, and whether or not anybody is left who reads it. */
function complain(line: string): void {
  try {
    writeSync(process.stderr.fd, `osv-faas: ${line}\n`);
  } catch {
    // Nobody is.
  }
}

async function end(child: ChildProcess): Promise<void> {
  // It may have gone while others were waited for, and does not tell again.
  if (child.exitCode !== null || child.signalCode !== null) return;
  const gone = new Promise<void>((resolve) => {
    child.once('exit', () => {
      resolve();
    });
  });
  // What is removed in a moment needs no orderly end.
  child.kill(config.temporary ? 'SIGKILL' : 'SIGTERM');
  const timer = setTimeout(() => child.kill('SIGKILL'), config.stopDeadlineMs);
  await gone;
  clearTimeout(timer);
}

for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) {
  process.on(signal, () => void stop());
}
// Whoever read our events may be gone already.
process.stdout.on('error', () => undefined);
writeFileSync(config.pidFile, String(process.pid), { mode: 0o600 });
const lines = createInterface({ input: process.stdin });
lines.on('line', (line) => {
  obey(JSON.parse(line) as Command);
});
lines.once('close', () => void stop());
tell({ event: 'ready' });
