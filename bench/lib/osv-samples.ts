import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { parse } from 'yaml';
import type { Function } from '../../src/api/types.ts';
import { packageRoot } from '../../src/cli/environment.ts';
import { bind, invoke, type TestFunction } from '../../test/support/agent.ts';
import { startOsvHost, type OsvHost } from '../../test/support/osv-guest.ts';

export const SAMPLES = ['hello', 'wait', 'countdown', 'csv-report'] as const;
export type Sample = (typeof SAMPLES)[number];

/** MiB, tried downwards. */
export const MEMORIES = [128, 112, 96, 88, 80, 72, 64, 56] as const;

const FOLDER = join(packageRoot, 'manifests', 'samples');
const INVOCATIONS = 20;
/** A guest with too little memory may never say so. */
const PATIENCE = { bootMs: 40_000, silentMs: 20_000 };

/** Whether a guest of this memory boots, takes the sample and answers it some times. */
export async function runsIn(sample: Sample, memoryMib: number): Promise<boolean> {
  const host = await startOsvHost({ watchdog: PATIENCE });
  try {
    return await Promise.race([serves(host, sample, memoryMib), after(90_000)]);
  } catch (error) {
    // That is no lack of memory.
    if (/ answered 4\d\d/.test(String(error))) throw error;
    return false;
  } finally {
    await host.stop();
  }
}

async function serves(host: OsvHost, sample: Sample, memoryMib: number): Promise<boolean> {
  const guest = await host.start({ memoryMib });
  await bind(guest, [functionOf(sample)]);
  for (let n = 0; n < INVOCATIONS; n += 1) {
    const answer = await invoke(guest, sample, requestOf(sample));
    if (answer.status !== 200) return false;
  }
  return true;
}

function functionOf(sample: Sample): TestFunction {
  const { spec } = parse(readFileSync(join(FOLDER, `${sample}.yaml`), 'utf8')) as Function;
  // The API server's default is not in the manifest.
  const { handler = 'index' } = spec as { readonly handler?: string };
  const inline = spec.source.inline?.files as Readonly<Record<string, string>> | undefined;
  return {
    name: sample,
    handler,
    files: inline ?? filesOf(sample),
    timeoutMs: 60_000,
  };
}

function filesOf(sample: Sample): Readonly<Record<string, Buffer>> {
  const names = ['index.js', 'package.json'];
  return Object.fromEntries(names.map((name) => [name, readFileSync(join(FOLDER, sample, name))]));
}

function requestOf(sample: Sample): { path: string; method?: string; body?: Buffer } {
  if (sample !== 'csv-report') return { path: '/?ms=10&from=2&every=10' };
  const body = readFileSync(join(FOLDER, sample, 'sales.csv'));
  return { path: '/', method: 'POST', body };
}

function after(ms: number): Promise<boolean> {
  return new Promise((resolve) => setTimeout(resolve, ms, false).unref());
}
