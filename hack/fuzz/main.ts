/** `npm run fuzz -- [TARGET…] [--inputs N] [--seed S]`: tries arbitrary bytes in arbitrary pieces on the parsers. */
import { createHash, randomInt } from 'node:crypto';
import { writeFileSync } from 'node:fs';
import { parseArgs } from 'node:util';
import { Worker } from 'node:worker_threads';
import type { Fault } from './fuzz.ts';
import { isTargetName, NAMES, type TargetName } from './targets.ts';
import type { Order, Report } from './worker.ts';

const INPUTS = 1_000_000;
/** Without a batch done, the target hangs. */
const HANG_MS = 120_000;
/** More than this that lives on is a leak, not the noise of a heap. */
const MAX_GROWN = 16 * 1024 * 1024;

interface Outcome {
  readonly fault?: Fault | undefined;
  /** A hang or a crash: there is no input to show. */
  readonly problem?: string;
  readonly grown: number;
  readonly done: number;
}

function run(order: Order): Promise<Outcome> {
  return new Promise((resolve) => {
    const worker = new Worker(new URL('worker.ts', import.meta.url), { workerData: order });
    let done = 0;
    const finish = (outcome: Omit<Outcome, 'done'>): void => {
      clearTimeout(hang);
      void worker.terminate();
      resolve({ ...outcome, done });
    };
    const hang = setTimeout(() => {
      finish({ problem: `no batch came to an end for ${HANG_MS / 1_000} s`, grown: 0 });
    }, HANG_MS);
    worker.on('message', (report: Report) => {
      if (report.kind === 'progress') {
        done = report.done;
        hang.refresh();
      } else {
        finish(report);
      }
    });
    worker.on('error', (error) => {
      finish({ problem: `it crashed: ${(error as Error).stack ?? String(error)}`, grown: 0 });
    });
  });
}

/** Keeps the input: from now on each run begins with it. */
function keep(name: TargetName, { bytes }: Fault): string {
  const sha = createHash('sha256').update(bytes).digest('hex').slice(0, 12);
  const path = new URL(`seeds/${name}-${sha}`, import.meta.url);
  writeFileSync(path, bytes);
  return path.pathname;
}

function problemOf(name: TargetName, outcome: Outcome): string | undefined {
  const { fault, problem, grown } = outcome;
  if (fault !== undefined) {
    const again = `--seed ${fault.seed}; pieces of ${JSON.stringify(fault.cuts)}`;
    return `${fault.message}\n  kept as ${keep(name, fault)}; ${again}`;
  }
  if (problem !== undefined) return problem;
  return grown > MAX_GROWN ? `${(grown / 2 ** 20).toFixed(1)} MiB more live on` : undefined;
}

async function main(): Promise<number> {
  const { positionals, values } = parseArgs({
    allowPositionals: true,
    options: { inputs: { type: 'string' }, seed: { type: 'string' } },
  });
  const unknown = positionals.filter((name) => !isTargetName(name));
  if (unknown.length > 0) {
    console.error(`no target "${unknown.join('", "')}"; there are: ${NAMES.join(', ')}`);
    return 2;
  }
  const inputs = count('inputs', values.inputs, INPUTS);
  const seed = count('seed', values.seed, randomInt(2 ** 31));
  let faults = 0;
  for (const name of positionals.length === 0 ? NAMES : positionals.filter(isTargetName)) {
    const began = performance.now();
    const outcome = await run({ name, seed, inputs });
    const seconds = ((performance.now() - began) / 1_000).toFixed(1);
    const problem = problemOf(name, outcome);
    const what = `${outcome.done.toLocaleString('en')} inputs, ${seconds} s, seed ${seed}`;
    const grown = `${(outcome.grown / 2 ** 20).toFixed(1)} MiB grown`;
    console.log(
      `${name.padEnd(10)} ${problem === undefined ? 'held' : 'BROKEN'}: ${what}, ${grown}`,
    );
    if (problem !== undefined) {
      faults += 1;
      console.error(`  ${problem}`);
    }
  }
  return faults === 0 ? 0 : 1;
}

function count(name: string, text: string | undefined, otherwise: number): number {
  const value = text === undefined ? otherwise : Number(text);
  if (Number.isSafeInteger(value) && value >= 0) return value;
  throw new Error(`--${name} must be a whole number, got ${text ?? ''}`);
}

try {
  process.exitCode = await main();
} catch (error) {
  console.error(error instanceof Error ? error.message : error);
  process.exitCode = 2;
}
