/**
 * What 2,000 Functions and 200 VMs cost while nothing happens: 100 VMs are bound, as their
 * Functions ask for one, 100 wait in the pool, and every Function reads a ConfigMap. The VMs are
 * fake, so that the machine has room for what is measured. Baseline: the same processes, empty.
 */
import { request } from 'undici';
import { sleep, snapshotOf, until } from '../src/cli/demo/observe.ts';
import type { Local } from '../src/local/local.ts';
import { FAKE_GUESTS } from './lib/fake-guests.ts';
import { applyConfigMap, applyFunction, applyPool, isReady, startBenchLocal } from './lib/local.ts';
import { cpuMs, memoryBytes } from './lib/process.ts';
import { report, type Figure } from './lib/report.ts';
import { FUNCTIONS } from '../src/api/types.ts';

const NUMBER = 2_000;
const VMS = 200;
const KEPT = 100;
const AT_ONCE = 20;
const MEASURED_MS = 60_000;
/** Nothing is left to do when nothing was done for so long. */
const QUIET_MS = 5_000;
const SERVICES = ['operator', 'gateway'] as const;
const MIB = 1024 ** 2;

type Service = (typeof SERVICES)[number];

export default async function rest(): Promise<void> {
  const local = await startBenchLocal({ driver: FAKE_GUESTS, memoryBytes: 1024 ** 4 });
  try {
    await quiet(local);
    const empty = await measure(local);
    await fill(local);
    await quiet(local);
    report('rest', figures(await measure(local), empty));
  } finally {
    await local.stop();
  }
}

async function fill(local: Local): Promise<void> {
  await applyConfigMap(local, 'settings', { COLOR: 'blue' });
  await applyPool(local, VMS);
  const names = Array.from({ length: NUMBER }, (_, index) => `rest-${index}`);
  for (let begin = 0; begin < NUMBER; begin += AT_ONCE) {
    await Promise.all(
      names.slice(begin, begin + AT_ONCE).map((name, index) => apply(local, name, begin + index)),
    );
  }
  console.error(`  ${NUMBER} Functions are applied`);
  await until('all are ready', 600_000, async () => {
    const { items } = await local.connection.client.list(FUNCTIONS);
    return items.filter(isReady).length === NUMBER;
  });
  await until('all VMs are up', 300_000, async () => {
    const { vms } = await snapshotOf(local);
    return vms.bound === KEPT && vms.generic === VMS - KEPT;
  });
}

function apply(local: Local, name: string, index: number): Promise<void> {
  return applyFunction(local, name, {
    code: `export default { fetch: () => new Response('hello') };\n`,
    envFrom: [{ configMapRef: { name: 'settings', optional: false } }],
    scaling: { min: index < KEPT ? 1 : 0 },
  });
}

async function quiet(local: Local): Promise<void> {
  await until('nothing is left to do', 300_000, async () => {
    const before = await countsOf(local);
    await sleep(QUIET_MS);
    const after = await countsOf(local);
    return before.passes === after.passes && before.calls === after.calls;
  });
}

interface Counts {
  /** Of controllers. */
  readonly passes: number;
  /** To the API server, by operator and gateway; watches aside, which end and begin again every few minutes. */
  readonly calls: number;
  readonly writes: number;
}

interface Rest extends Counts {
  readonly seconds: number;
  /** Percent of one core. */
  readonly cpu: Readonly<Record<Service, number>>;
  /** MiB, resident. */
  readonly memory: Readonly<Record<Service, number>>;
}

async function measure(local: Local): Promise<Rest> {
  const cpu = (): Record<Service, number> => of((service) => cpuMs(pidOf(local, service)));
  const [counts, before, began] = [await countsOf(local), cpu(), performance.now()];
  await sleep(MEASURED_MS);
  const [after, ms] = [cpu(), performance.now() - began];
  const end = await countsOf(local);
  return {
    seconds: ms / 1000,
    cpu: of((service) => (100 * (after[service] - before[service])) / ms),
    memory: of((service) => memoryBytes(pidOf(local, service)) / MIB),
    passes: end.passes - counts.passes,
    calls: end.calls - counts.calls,
    writes: end.writes - counts.writes,
  };
}

function of(value: (service: Service) => number): Record<Service, number> {
  return { operator: value('operator'), gateway: value('gateway') };
}

function pidOf(local: Local, service: Service): number {
  const pid = local.services.pidOf(service);
  if (pid === undefined) throw new Error(`${service} does not run`);
  return pid;
}

async function countsOf(local: Local): Promise<Counts> {
  const texts = await Promise.all(
    [local.operatorAdminUrl, local.gatewayAdminUrl].map(async (url) => {
      const { body } = await request(`${url}/metrics`);
      return body.text();
    }),
  );
  const text = texts.join('\n');
  return {
    passes: sumOf(text, /^osv_faas_reconcile_seconds_count\{.*\} (\d+)$/gm),
    calls: sumOf(text, /^osv_faas_api_requests_total\{(?!.*WATCH).*\} (\d+)$/gm),
    writes: sumOf(text, /^osv_faas_api_requests_total\{(?!.*(?:WATCH|GET)).*\} (\d+)$/gm),
  };
}

function sumOf(text: string, lines: RegExp): number {
  return [...text.matchAll(lines)].reduce((sum, [, count]) => sum + Number(count), 0);
}

function figures(rest: Rest, empty: Rest): Figure[] {
  const samples = Math.round(rest.seconds);
  const aMinute = (count: number): number => (60 * count) / rest.seconds;
  return [
    ...SERVICES.flatMap((service): Figure[] => [
      {
        ...{ figure: `rest.${service}.cpu`, unit: '% of a core', samples },
        value: rest.cpu[service],
        baseline: `empty ${empty.cpu[service].toFixed(2)}`,
      },
      {
        ...{ figure: `rest.${service}.memory`, unit: 'MiB', samples: 1 },
        value: rest.memory[service],
        baseline: `empty ${Math.round(empty.memory[service])}`,
      },
    ]),
    { figure: 'rest.reconciles', value: aMinute(rest.passes), unit: '/min', samples },
    { figure: 'rest.api-calls', value: aMinute(rest.calls), unit: '/min', samples },
    { figure: 'rest.api-writes', value: aMinute(rest.writes), unit: '/min', samples },
  ];
}
