import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Function, OsvPool } from '../../api/types.ts';
import type { Local } from '../../local/local.ts';
import { packageRoot } from '../environment.ts';
import { applyFunction, applyPool, manifest, readFunction } from './apply.ts';
import type { Answer, Sender } from './client.ts';
import { bindsOf, sleep, snapshotOf, until, usageOf, type Snapshot } from './observe.ts';
import { bar, ms, seconds, type Screen } from './screen.ts';

export interface Stage {
  readonly local: Local;
  readonly screen: Screen;
  readonly sender: Sender;
}

/** Figures of a step, by name, for the summary and `--json`. */
export type Figures = Readonly<Record<string, number>>;

const WARM = 4;
/** Requests of the burst, and of one where the guests' code is translated: each VM takes a processor to boot. */
const BURST = 120;
const SLOW_BURST = 60;
/** How much longer everything may take there. */
const SLOW_PATIENCE = 4;
const BURST_WAIT_MS = 1_000;
const IDLE_SECONDS = 5;
const SAMPLES = ['csv-report', 'wait', 'countdown'] as const;

export function burstSize({ driver }: Local): number {
  return driver.slowdown > 1 ? SLOW_BURST : BURST;
}

function patient({ driver }: Local, ms: number): number {
  return driver.slowdown > 1 ? ms * SLOW_PATIENCE : ms;
}

/** Keeps four VMs booted that belong to nobody. */
export async function warmPool({ local, screen }: Stage): Promise<Figures> {
  const pool = manifest('pools/default.yaml') as OsvPool;
  const spec = { ...pool.spec, warm: { ...pool.spec.warm, min: WARM } };
  await applyPool(local.connection.client, { ...pool, spec });
  const warmMs = await until('the pool is warm', patient(local, 60_000), async () => {
    const { vms } = await snapshotOf(local);
    screen.draw([`${bar(vms.generic, WARM, WARM * 4)} ${vms.generic} of ${WARM} generic VMs wait`]);
    return vms.generic >= WARM;
  });
  screen.fact(`warm after ${seconds(warmMs)}`);
  return { warmMs };
}

/** Three functions of different shapes, one application: they share VMs. */
export async function applySamples({ local, screen }: Stage): Promise<Figures> {
  const { client } = local.connection;
  const functions = SAMPLES.map((name) => sampleOf(name, local));
  for (const fn of functions) await applyFunction(client, fn);
  const readyMs = await until('the Functions are ready', patient(local, 30_000), async () => {
    const stored = await Promise.all(functions.map((fn) => readFunction(client, fn)));
    return stored.every((fn) =>
      fn.status?.conditions?.some(({ type, status }) => type === 'Ready' && status === 'True'),
    );
  });
  screen.fact(`${SAMPLES.join(', ')}: Ready after ${ms(readyMs)}; VMs of theirs: 0`);
  return { readyMs };
}

/** The request that finds no VM: it waits until a generic one is bound. */
export async function firstRequest({ local, screen, sender }: Stage): Promise<Figures> {
  const csv = readFileSync(join(packageRoot, 'manifests/samples/csv-report/sales.csv'), 'utf8');
  const cold = await sender.send('/default/csv-report/', { method: 'POST', body: csv });
  expect(cold, 200);
  const [bind] = await bindsOf(local);
  const warm = await sender.send('/default/csv-report/', { method: 'POST', body: csv });
  expect(warm, 200);
  const { request = 0, receive = 0, write = 0, load = 0 } = bind?.phases ?? {};
  screen.fact(`200 after ${ms(cold.ms)}, from VM ${bind?.vm ?? '?'}, which was nobody's before`);
  screen.fact(
    `of it the bind ${ms(request)}: code received ${ms(receive)}, written ${ms(write)}, loaded ${ms(load)}`,
  );
  screen.fact(`the same again, warm: ${ms(warm.ms)}`);
  screen.fact(cold.body.slice(0, 100));
  return { coldMs: cold.ms, bindMs: request, receive, write, load, warmMs: warm.ms };
}

/** An answer that comes piece by piece. */
export async function stream({ screen, sender }: Stage): Promise<Figures> {
  const answer = await sender.send('/default/countdown/?from=4&every=300');
  expect(answer, 200);
  const times = answer.pieces.map((at) => ms(at));
  screen.fact(`${answer.pieces.length} pieces, after ${times.join(', ')}`);
  const [first = 0] = answer.pieces;
  if (answer.pieces.length < 4) throw new Error('the answer did not come piece by piece');
  return { firstPieceMs: first, lastPieceMs: answer.ms };
}

/** More at once than the application's VMs can take. */
export async function burst({ local, screen, sender }: Stage): Promise<Figures> {
  const started = performance.now();
  const size = burstSize(local);
  let answered = 0;
  let most = 0;
  const answering = Promise.all(
    Array.from({ length: size }, async () => {
      const answer = await sender.send(`/default/wait/?ms=${BURST_WAIT_MS}`);
      answered += answer.status === 200 ? 1 : 0;
      return answer;
    }),
  );
  const drawing = drawUntil(answering, async () => {
    const snapshot = await snapshotOf(local);
    most = Math.max(most, snapshot.vms.bound + snapshot.vms.binding);
    screen.draw(burstLines(snapshot, { answered, size, at: performance.now() - started }));
  });
  const [answers] = await Promise.all([answering, drawing]);
  const lastMs = performance.now() - started;
  screen.settle();
  const failed = size - answered;
  screen.fact(
    `${answered} of ${size} answered in ${seconds(lastMs)}, ${failed} failed; at most ${most} VMs`,
  );
  if (failed > 0) throw new Error(`burst: ${failed} failed: ${failureOf(answers)}`);
  return { requests: size, failed, lastMs, mostVms: most };
}

async function drawUntil(end: Promise<unknown>, draw: () => Promise<void>): Promise<void> {
  const ended = end.then(
    () => true,
    () => true,
  );
  const pause = process.stdout.isTTY ? 150 : 1_000;
  do await draw();
  while (!(await Promise.race([ended, sleep(pause).then(() => false)])));
}

interface Progress {
  readonly answered: number;
  readonly size: number;
  readonly at: number;
}

function burstLines(
  { vms, inFlight, waiting }: Snapshot,
  { answered, size, at }: Progress,
): string[] {
  const line = (name: string, value: number, max: number): string =>
    `${name.padEnd(10)}${String(value).padStart(4)} ${bar(value, max, 20)}`;
  return [
    `after ${seconds(at)}`,
    line('VMs bound', vms.bound + vms.binding, 20),
    line('warming', vms.starting + vms.generic, 20),
    line('in flight', inFlight, size),
    line('waiting', waiting, size),
    line('answered', answered, size),
  ];
}

/** Nobody calls: VMs fall idle and are killed; the pool stays warm. */
export async function silence({ local, screen }: Stage): Promise<Figures> {
  const look = async (): Promise<{ readonly left: number; readonly generic: number }> => {
    const { vms } = await snapshotOf(local);
    const left = vms.bound + vms.draining + vms.binding;
    screen.draw([
      `VMs of the application ${String(left).padStart(3)} ${bar(left, 20, 20)}`,
      `generic VMs            ${String(vms.generic).padStart(3)} ${bar(vms.generic, 20, 20)}`,
    ]);
    return { left, generic: vms.generic };
  };
  const none = async (): Promise<boolean> => (await look()).left === 0;
  const warm = async (): Promise<boolean> => (await look()).generic >= WARM;
  const patience = patient(local, 60_000);
  const goneMs = await until('all VMs of the application are gone', patience, none);
  const refillMs = await until('the pool is warm again', patience, warm);
  screen.settle();
  screen.fact(`none left after ${seconds(goneMs)} (idle.afterSeconds: ${IDLE_SECONDS})`);
  screen.fact(`the pool is warm again ${seconds(refillMs)} later`);
  return { goneMs, refillMs };
}

/** What was used: CPU time, not wall-clock time. */
export async function usage({ local, screen }: Stage): Promise<Figures> {
  const { applications } = await usageOf(local);
  const [samples] = applications;
  if (samples === undefined) throw new Error('no usage was read');
  for (const fn of samples.functions) {
    screen.fact(
      `${fn.name.padEnd(12)} ${String(fn.invocations).padStart(4)} invocations, ${seconds(fn.wallMs)} of waiting and work, ${ms(fn.cpuMs)} CPU`,
    );
  }
  screen.fact(
    `${samples.vms} VMs: ${seconds(samples.cpuMs)} CPU, of it ${seconds(samples.startCpuMs)} bring-up`,
  );
  return { vms: samples.vms, cpuMs: samples.cpuMs, startCpuMs: samples.startCpuMs };
}

/** The sample as it stands in manifests/, but for where its archive is and how soon it is idle. */
function sampleOf(name: (typeof SAMPLES)[number], local: Local): Function {
  const fn = manifest(`samples/${name}.yaml`) as Function;
  const { archive } = fn.spec.source;
  const url = `${local.archivesUrl}/${name}.tar`;
  const source = archive === undefined ? fn.spec.source : { archive: { ...archive, url } };
  const scaling = { idle: { afterSeconds: IDLE_SECONDS } } as Function['spec']['scaling'];
  return { ...fn, spec: { ...fn.spec, source, scaling } };
}

function expect(answer: Answer, status: number): void {
  if (answer.status !== status) {
    throw new Error(`expected ${status}, got ${answer.status}: ${answer.body.slice(0, 300)}`);
  }
}

function failureOf(answers: readonly Answer[]): string {
  const bad = answers.find((answer) => answer.status !== 200);
  return bad === undefined ? '' : `${bad.status} ${bad.body.slice(0, 300)}`;
}
