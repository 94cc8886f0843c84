import { writeFileSync } from 'node:fs';
import type { Command } from 'commander';
import { forgetCurrent, rememberCurrent } from '../../local/controlplane/index.ts';
import type { Local } from '../../local/local.ts';
import { userCacheDir } from '../environment.ts';
import {
  addLocalOptions,
  driverOf,
  local as startAll,
  type LocalCliOptions,
} from '../local-run.ts';
import { option } from '../options.ts';
import { untilSignal } from '../signals.ts';
import { createSender } from './client.ts';
import { createScreen, seconds, type Screen } from './screen.ts';
import * as steps from './steps.ts';

interface DemoOptions extends LocalCliOptions {
  readonly keep?: boolean;
  readonly json?: string;
}

type Step = (stage: steps.Stage) => Promise<steps.Figures>;

const STEPS: readonly [name: string, title: string | ((local: Local) => string), step: Step][] = [
  ['pool', 'a pool of generic VMs warms up', steps.warmPool],
  ['functions', 'an application of three functions is applied', steps.applySamples],
  ['first', 'its first request, from zero: POST a CSV to csv-report', steps.firstRequest],
  ['stream', 'an answer that streams: countdown', steps.stream],
  ['burst', burstTitle, steps.burst],
  ['silence', 'silence: idle VMs are killed', steps.silence],
  ['usage', 'usage so far', steps.usage],
];

function burstTitle(local: Local): string {
  return `a burst: ${steps.burstSize(local)} requests at once that wait a second each, 10 a VM`;
}

export function register(program: Command): void {
  const command = program
    .command('demo')
    .description('show it all in one run: from zero to a burst and back')
    .addOption(option('--keep', 'leave everything running in the end, until Ctrl-C'))
    .addOption(option('--json <file>', 'write the figures there'));
  addLocalOptions(command, { gateway: 0, archives: 0 }).action(run);
}

async function run(options: DemoOptions): Promise<void> {
  const signal = untilSignal();
  let started: Local | undefined;
  const running = show(options, signal, (local) => {
    started = local;
  });
  const ended = await Promise.race([running, signal]);
  if (typeof ended !== 'string') process.exit(ended);
  // What is half started ends with this process: its supervisors see to it.
  await started?.stop();
  process.exit(130);
}

async function show(
  options: DemoOptions,
  signal: Promise<unknown>,
  begun: (local: Local) => void,
): Promise<number> {
  const screen = createScreen(process.stdout);
  const started = performance.now();
  screen.headline('a Kubernetes API server, operator and gateway start on this machine');
  const local = await startAll(options, (line) => {
    screen.draw([line]);
  });
  begun(local);
  const figures: Record<string, steps.Figures> = { start: { ms: performance.now() - started } };
  screen.settle();
  screen.fact(`up after ${seconds(performance.now() - started)}`);
  screen.fact(`VMs: driver ${driverOf(local)}`);
  const failure = await play({ local, screen, figures });
  summarise(screen, figures, { failure, totalMs: performance.now() - started });
  if (options.json !== undefined) write(options.json, failure === undefined, figures);
  if (options.keep === true) await keep(local, screen, signal);
  await local.stop();
  return failure === undefined ? 0 : 1;
}

function write(file: string, ok: boolean, figures: Readonly<Record<string, steps.Figures>>): void {
  writeFileSync(file, `${JSON.stringify({ ok, figures }, null, 2)}\n`);
}

/** Runs the steps; answers what failed. */
async function play(show: {
  local: Local;
  screen: Screen;
  figures: Record<string, steps.Figures>;
}): Promise<string | undefined> {
  const { local, screen, figures } = show;
  const sender = createSender(local.gatewayUrl);
  try {
    for (const [name, title, step] of STEPS) {
      screen.headline(typeof title === 'string' ? title : title(local));
      figures[name] = await step({ local, screen, sender });
    }
    return undefined;
  } catch (error) {
    return error instanceof Error ? error.message : String(error);
  } finally {
    await sender.close();
  }
}

function summarise(
  screen: Screen,
  figures: Readonly<Record<string, steps.Figures>>,
  { failure, totalMs }: { failure: string | undefined; totalMs: number },
): void {
  if (failure !== undefined) {
    screen.headline(`FAILED after ${seconds(totalMs)}: ${failure}`);
    return;
  }
  const { first = {}, burst = {} } = figures;
  const cold = `first request ${Math.round(first['coldMs'] ?? 0)} ms from zero`;
  const many = `${burst['requests'] ?? 0} requests, ${burst['failed'] ?? 0} failed, up to ${burst['mostVms'] ?? 0} VMs`;
  screen.headline(`done in ${seconds(totalMs)}: ${cold}; burst: ${many}; then back to zero`);
}

async function keep(local: Local, screen: Screen, signal: Promise<unknown>): Promise<void> {
  const { kubeconfig } = local.controlPlane;
  const cacheDir = userCacheDir(process.env);
  rememberCurrent(cacheDir, kubeconfig);
  screen.headline('everything is left running; Ctrl-C ends it');
  screen.fact(`export KUBECONFIG=${kubeconfig}`);
  screen.fact('kubectl get faas,vmi          # or: npm run osv-faas -- kubectl -- get faas,vmi');
  screen.fact(`curl '${local.gatewayUrl}/default/wait/?ms=500'`);
  screen.fact(`curl -N '${local.gatewayUrl}/default/countdown/?from=5'`);
  screen.fact(
    `curl --data-binary @manifests/samples/csv-report/sales.csv ${local.gatewayUrl}/default/csv-report/`,
  );
  await signal;
  forgetCurrent(cacheDir, kubeconfig);
}
