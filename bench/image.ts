/**
 * An image of 100 MB, and one of 10,000 small files, each written by a process of
 * its own. Baseline: a process that copies the same bytes once and hashes them.
 */
import { execFile } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { median, report, type Figure } from './lib/report.ts';

const run = promisify(execFile);
const MB = 1_000_000;
const ROUNDS = 5;
const WORKER = new URL('image/worker.ts', import.meta.url).pathname;

/** What a process of worker.ts prints. */
export interface Sample {
  readonly seconds: number;
  readonly rssMib: number;
}
export type Job = 'copy' | 'rofs' | 'build';

interface Load {
  readonly name: string;
  readonly files: number;
  readonly bytes: number;
}
const LARGE: Load = { name: '100 MB', files: 20, bytes: 5 * MB };
const MANY: Load = { name: '10,000 files', files: 10_000, bytes: 1_000 };

export default async function image(): Promise<void> {
  const folder = mkdtempSync(join(tmpdir(), 'osv-faas-bench-'));
  try {
    const large = prepare(folder, LARGE);
    const many = prepare(folder, MANY);
    const figures = [
      ...(await compare(LARGE, large, ['rofs', 'build'])),
      ...(await compare(MANY, many, ['rofs'])),
    ];
    report('image', figures);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

function prepare(folder: string, { name, files, bytes }: Load): string {
  const source = join(folder, name);
  mkdirSync(source);
  for (let index = 0; index < files; index += 1) {
    writeFileSync(join(source, String(index)), Buffer.alloc(bytes, `${index} `));
  }
  return source;
}

async function compare(load: Load, source: string, jobs: readonly Job[]): Promise<Figure[]> {
  const samples = new Map<Job, Sample[]>();
  // In turn, so that what else the machine does falls on all of them.
  for (let round = 0; round < ROUNDS; round += 1) {
    for (const job of ['copy', ...jobs] as const) {
      samples.set(job, [...(samples.get(job) ?? []), await sample(job, source)]);
    }
  }
  const middle = (job: Job, key: keyof Sample): number =>
    median((samples.get(job) ?? []).map((one) => one[key]));
  return jobs.flatMap((job) => [
    figure(`image.${job} (${load.name})`, 's', middle(job, 'seconds'), middle('copy', 'seconds')),
    figure(
      `image.${job} memory (${load.name})`,
      'MiB',
      middle(job, 'rssMib'),
      middle('copy', 'rssMib'),
    ),
  ]);
}

function figure(name: string, unit: string, value: number, baseline: number): Figure {
  return {
    figure: name,
    value,
    unit,
    baseline: `copy and hash ${baseline.toPrecision(3)}`,
    ratio: value / baseline,
    samples: ROUNDS,
  };
}

async function sample(job: Job, source: string): Promise<Sample> {
  const target = `${source}.${job}`;
  try {
    const { stdout } = await run(process.execPath, [WORKER, job, source, target]);
    return JSON.parse(stdout) as Sample;
  } finally {
    rmSync(target, { recursive: true, force: true });
  }
}
