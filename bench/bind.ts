/**
 * A cold request on a warm pool, through the real API server: 200 applications
 * that have no VM, one request each. Baseline: the same request again, warm. A
 * last round runs while the API server is stopped: no write blocks a bind.
 */
import { join } from 'node:path';
import { bindsOf, sleep } from '../src/cli/demo/observe.ts';
import type { Local } from '../src/local/local.ts';
import { Agent, request, type Dispatcher } from 'undici';
import { readAccessLog, type AccessLine } from './lib/access-log.ts';
import {
  allGeneric,
  allReady,
  applyFunction,
  applyPool,
  deleteFunction,
  startBenchLocal,
} from './lib/local.ts';
import { percentile, report, type Figure } from './lib/report.ts';

const ROUND = 25;
const ROUNDS = 8;
const CODE = `export default { fetch: () => new Response('hello') };\n`;
/** Pause between samples, so that what is written behind a bind is over before the next. */
const PAUSE_MS = 250;

interface Sample {
  readonly application: string;
  readonly coldMs: number;
  readonly warmMs: number;
  readonly requestId: string;
}

export default async function bind(): Promise<void> {
  const local = await startBenchLocal();
  const dispatcher = new Agent({ connections: 1 });
  try {
    await applyPool(local, ROUND);
    // Compilers warm up, caches fill: the first round is not counted.
    await round(local, dispatcher, 'warmup');
    const samples: Sample[] = [];
    for (let number = 0; number < ROUNDS; number += 1) {
      samples.push(...(await round(local, dispatcher, `bind-${number}`)));
      console.error(`  ${samples.length} samples`);
    }
    const alone = await withoutApiServer(local, dispatcher);
    report('bind', await figuresOf(local, samples, alone));
  } finally {
    await dispatcher.close();
    await local.stop();
  }
}

async function round(local: Local, dispatcher: Dispatcher, prefix: string): Promise<Sample[]> {
  const names = await prepare(local, prefix);
  const samples = await measure(local, dispatcher, names);
  for (const name of names) await deleteFunction(local, name);
  return samples;
}

async function prepare(local: Local, prefix: string): Promise<string[]> {
  const names = Array.from({ length: ROUND }, (_, index) => `${prefix}-${index}`);
  for (const name of names) await applyFunction(local, name, { code: CODE });
  await allReady(local, names);
  await allGeneric(local, ROUND);
  // Statuses and labels that are still being written are not part of a bind.
  await sleep(1_000);
  return names;
}

async function measure(
  local: Local,
  dispatcher: Dispatcher,
  names: readonly string[],
): Promise<Sample[]> {
  const samples: Sample[] = [];
  for (const name of names) {
    const requestId = `cold-${name}`;
    const coldMs = await call(local, dispatcher, name, requestId);
    const warmMs = await call(local, dispatcher, name, `warm-${name}`);
    samples.push({ application: name, coldMs, warmMs, requestId });
    await sleep(PAUSE_MS);
  }
  return samples;
}

async function call(
  local: Local,
  dispatcher: Dispatcher,
  name: string,
  requestId: string,
): Promise<number> {
  const started = performance.now();
  const { statusCode, body } = await request(`${local.gatewayUrl}/default/${name}/`, {
    dispatcher,
    headers: { 'x-request-id': requestId },
  });
  const text = await body.text();
  const ms = performance.now() - started;
  if (statusCode !== 200) throw new Error(`${name}: ${statusCode} ${text}`);
  return ms;
}

/** One round with nobody to write to. */
async function withoutApiServer(local: Local, dispatcher: Dispatcher): Promise<Sample[]> {
  const names = await prepare(local, 'alone');
  await local.controlPlane.killApiServer();
  try {
    return await measure(local, dispatcher, names);
  } finally {
    await local.controlPlane.startApiServer();
  }
}

async function figuresOf(
  local: Local,
  samples: readonly Sample[],
  alone: readonly Sample[],
): Promise<Figure[]> {
  const log = readAccessLog(join(local.stateDir, 'access.log'));
  const binds = new Map((await bindsOf(local)).map((one) => [one.vmId, one.phases]));
  const lines = samples.flatMap(({ requestId }) => log.get(requestId) ?? []);
  const phase = (name: string): number[] =>
    lines.flatMap((line) => binds.get(line.vm)?.[name] ?? []);
  const warm = percentile(
    samples.map((sample) => sample.warmMs),
    50,
  );
  const against = (value: number): Pick<Figure, 'baseline' | 'ratio'> => ({
    baseline: `warm request p50 ${warm.toFixed(2)}`,
    ratio: value / warm,
  });
  const two = (name: string, values: readonly number[], based = false): Figure[] =>
    [50, 99].map((q) => {
      const value = percentile(values, q);
      const compared = based ? against(value) : {};
      return {
        figure: `${name}.p${q}`,
        value,
        unit: 'ms',
        samples: values.length,
        ...compared,
      };
    });
  const ms = (of: (line: AccessLine) => number): number[] => lines.map((line) => of(line) / 1000);
  return [
    ...two(
      'bind.hit',
      samples.map((sample) => sample.coldMs),
      true,
    ),
    ...two(
      'bind.hit.queued',
      ms((line) => line.queueUs),
    ),
    ...two('bind.hit.bind', phase('request')),
    ...two('bind.hit.bind.receive', phase('receive')),
    ...two('bind.hit.bind.write', phase('write')),
    ...two('bind.hit.bind.load', phase('load')),
    ...two(
      'bind.hit.invoke',
      ms((line) => line.firstByteUs - line.queueUs),
    ),
    ...two(
      'bind.warm',
      samples.map((sample) => sample.warmMs),
    ),
    ...two(
      'bind.without-api-server',
      alone.map((sample) => sample.coldMs),
      true,
    ),
  ];
}
