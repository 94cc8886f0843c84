import { execFileSync, spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { dirname, join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Binaries } from '../../../src/local/controlplane/index.ts';
import { root } from '../../support/paths.ts';

const TIMEOUT_MS = 60_000;

/** Command lines of all processes that speak of this folder. */
export function processesOf(folder: string): readonly string[] {
  const listing = execFileSync('ps', ['-A', '-ww', '-o', 'args='], { encoding: 'utf8' });
  return listing.split('\n').filter((line) => line.includes(folder));
}

/** @throws Error when it does not become true within a minute */
export async function until(what: string, holds: () => boolean): Promise<void> {
  const deadline = Date.now() + TIMEOUT_MS;
  while (!holds()) {
    if (Date.now() > deadline) throw new Error(`not within ${TIMEOUT_MS / 1000} s: ${what}`);
    await sleep(50);
  }
}

/** An environment in which `osv-faas` finds these programs and nothing of the developer's. */
export function isolated(folder: string, binaries: Binaries): NodeJS.ProcessEnv {
  return {
    ...process.env,
    TMPDIR: folder,
    XDG_CACHE_HOME: `${folder}-cache`,
    KUBEBUILDER_ASSETS: dirname(binaries.kubectl),
    KUBECONFIG: '',
  };
}

/**
 * `osv-faas control-plane` as a person starts it, with temporary files below `folder`. Its cache
 * folder is another one than the developer's, who may be running `osv-faas` at this moment.
 */
export class Command {
  readonly process: ChildProcess;
  readonly ended: Promise<readonly [number | null, NodeJS.Signals | null]>;
  output = '';
  errors = '';

  constructor(folder: string, binaries: Binaries) {
    const program = join(root, 'bin', 'osv-faas.js');
    this.process = spawn(process.execPath, [program, 'control-plane', '--no-crds'], {
      stdio: ['ignore', 'pipe', 'pipe'],
      env: isolated(folder, binaries),
    });
    this.process.stdout?.on('data', (chunk: Buffer) => (this.output += chunk.toString()));
    this.process.stderr?.on('data', (chunk: Buffer) => (this.errors += chunk.toString()));
    this.ended = once(this.process, 'exit') as Promise<[number | null, NodeJS.Signals | null]>;
  }

  /** Resolves when it says how to use it. */
  async ready(): Promise<void> {
    await until(`ready: ${this.errors}`, () => {
      if (this.process.exitCode !== null) throw new Error(`it ended: ${this.errors}`);
      return this.output.includes('Ctrl-C ends it.');
    });
  }
}
