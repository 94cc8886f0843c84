import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { parse } from 'yaml';
import type { Function } from '../../src/api/types.ts';
import { unpack } from '../../src/adapters/archive/unpack.ts';
import { packageRoot } from '../../src/cli/environment.ts';
import { bindParts, invoke, sendBind, type TestFunction } from '../../test/support/agent.ts';
import { startOsvHost, type OsvHost } from '../../test/support/osv-guest.ts';

export const SAMPLES = ['hello', 'wait', 'countdown', 'csv-report'] as const;
export type Sample = (typeof SAMPLES)[number];

/** MiB, tried downwards. */
export const MEMORIES = [128, 112, 96, 88, 80, 72, 64, 56] as const;

const FOLDER = join(packageRoot, 'manifests', 'samples');
const INVOCATIONS = 20;
/** A guest with too little memory may never say so. */
const PATIENCE = { bootMs: 40_000, silentMs: 20_000 };

/** Why a guest of this memory does not boot, take the sample and answer it some times; undefined when it does. */
export async function failureIn(sample: Sample, memoryMib: number): Promise<string | undefined> {
  const host = await startOsvHost({ watchdog: PATIENCE });
  try {
    return await Promise.race([serves(host, sample, memoryMib), after(90_000)]);
  } catch (error) {
    return String(error);
  } finally {
    await host.stop();
  }
}

async function serves(
  host: OsvHost,
  sample: Sample,
  memoryMib: number,
): Promise<string | undefined> {
  const guest = await host.start({ memoryMib });
  // Once: where memory is too small no answer is the result.
  const bound = await sendBind(guest, bindParts(guest.vmId, [await functionOf(sample)]));
  if (bound.status !== 200) return `bind answered ${bound.status}: ${bound.text}`;
  for (let n = 0; n < INVOCATIONS; n += 1) {
    const { status, text } = await invoke(guest, sample, requestOf(sample));
    if (status !== 200) return `answered ${status}: ${text}`;
  }
  return undefined;
}

/** As the operator would send it: from the manifest, or the archive that it names. */
async function functionOf(sample: Sample): Promise<TestFunction> {
  const { spec } = parse(readFileSync(join(FOLDER, `${sample}.yaml`), 'utf8')) as Function;
  // The API server's default is not in the manifest.
  const { handler = 'index', env = [] } = spec as Partial<Function['spec']>;
  const inline = spec.source.inline?.files as Readonly<Record<string, string>> | undefined;
  return {
    name: sample,
    handler,
    files: inline ?? (await archived(sample)),
    env: Object.fromEntries(env.map(({ name, value }) => [name, String(value)])),
    timeoutMs: 60_000,
  };
}

async function archived(sample: Sample): Promise<Readonly<Record<string, Buffer>>> {
  const files = await unpack(readFileSync(join(FOLDER, 'archives', `${sample}.tar`)));
  return Object.fromEntries(files.map(({ path, content }) => [path, content]));
}

function requestOf(sample: Sample): { path: string; method?: string; body?: Buffer } {
  if (sample !== 'csv-report') return { path: '/?ms=10&from=2&every=10' };
  const body = readFileSync(join(FOLDER, sample, 'sales.csv'));
  return { path: '/', method: 'POST', body };
}

function after(ms: number): Promise<string> {
  return new Promise((resolve) => setTimeout(resolve, ms, `not within ${ms / 1000} s`).unref());
}
