/**
 * The gateway against HAProxy: CPU a request and throughput, each proxy alone on one
 * core, load generator and backend on another, in alternating rounds of one run.
 */
import { closeSync, mkdtempSync, openSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { availableParallelism, tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { Route } from '../src/domain/routing/route.ts';
import { backendConfig, proxyConfig } from './gateway/haproxy.ts';
import { startOperator } from './gateway/operator.ts';
import type { Setting } from './gateway/under-test.ts';
import { listening, needProgram, startPinned, type Pinned } from './lib/process.ts';
import { median, report, type Figure } from './lib/report.ts';
import { wrk } from './lib/wrk.ts';

const CONNECTIONS = 32;
const SECONDS = 4;
const WARM_UP_SECONDS = 2;
const ROUNDS = 5;
const PROXY_CORE = 0;
const OTHER_CORE = 1;
const PORTS = { backend: 18_090, haproxy: 18_091, gateway: 18_092, admin: 18_093 };
const APPLICATION = 'default/hello@default/node';
const ROUTE: Route = {
  key: 'default/hello',
  namespace: 'default',
  name: 'hello',
  applicationId: APPLICATION,
  timeoutMs: 30_000,
  hosts: undefined,
  prefix: undefined,
  methods: undefined,
  createdAt: '2026-01-01T00:00:00Z',
};

interface Round {
  readonly cpuUs: number;
  readonly perSecond: number;
  readonly p50: number;
  readonly p99: number;
}

interface Contestant {
  readonly name: string;
  readonly port: number;
  readonly process: Pinned;
  /** The access log, which must grow by a line a request. */
  readonly log: string;
  readonly rounds: Round[];
}

export default async function run(): Promise<void> {
  for (const program of ['haproxy', 'wrk', 'taskset']) await needProgram(program);
  if (availableParallelism() < 2) throw new Error('two cores are needed: one is the proxy’s alone');
  const folder = mkdtempSync(join(tmpdir(), 'osv-faas-bench-'));
  const started: { stop(): Promise<void> | void }[] = [];
  try {
    const contestants = await start(folder, started);
    for (const each of contestants) await load(each, WARM_UP_SECONDS);
    for (let round = 0; round < ROUNDS; round += 1) {
      for (const each of contestants) each.rounds.push(await measure(each));
    }
    report('gateway', figuresOf(contestants));
  } finally {
    for (const each of started.reverse()) await each.stop();
    rmSync(folder, { recursive: true, force: true });
  }
}

async function start(
  folder: string,
  started: { stop(): Promise<void> | void }[],
): Promise<Contestant[]> {
  const keep = (process: Pinned): Pinned => {
    started.push(process);
    return process;
  };
  const config = (name: string, text: string): string[] => {
    const file = join(folder, `${name}.cfg`);
    writeFileSync(file, text);
    return ['haproxy', '-db', '-f', file];
  };
  const backend = config('backend', backendConfig(PORTS.backend));
  keep(startPinned(backend, { core: OTHER_CORE }));
  const haproxyLog = join(folder, 'haproxy.log');
  const out = openSync(haproxyLog, 'a');
  const haproxy = keep(
    startPinned(config('proxy', proxyConfig(PORTS.haproxy, PORTS.backend)), {
      core: PROXY_CORE,
      stdio: ['ignore', out, 'ignore'],
    }),
  );
  closeSync(out);
  const address = `127.0.0.1:${PORTS.backend}`;
  const operator = await startOperator(APPLICATION, {
    vmId: 'vm-1',
    address,
    slots: 2 * CONNECTIONS,
    boundAt: Date.now(),
  });
  started.push({
    stop: () => {
      operator.close();
    },
  });
  const gatewayLog = join(folder, 'gateway.log');
  const gateway = keep(startGateway(operator.url, gatewayLog));
  for (const port of Object.values(PORTS)) await listening(port);
  return [
    { name: 'haproxy', port: PORTS.haproxy, process: haproxy, log: haproxyLog, rounds: [] },
    { name: 'gateway', port: PORTS.gateway, process: gateway, log: gatewayLog, rounds: [] },
  ];
}

function startGateway(operatorUrl: string, accessLog: string): Pinned {
  const setting: Setting = {
    port: PORTS.gateway,
    adminPort: PORTS.admin,
    operatorUrl,
    accessLog,
    route: ROUTE,
  };
  const script = fileURLToPath(new URL('./gateway/under-test.ts', import.meta.url));
  const flags = (process.env['BENCH_NODE_FLAGS'] ?? '').split(' ').filter((flag) => flag !== '');
  const command = [process.execPath, ...flags, script, JSON.stringify(setting)];
  return startPinned(command, { core: PROXY_CORE });
}

async function load({ port }: Contestant, seconds: number): ReturnType<typeof wrk> {
  const url = `http://127.0.0.1:${port}/default/hello/some/path`;
  return wrk({ url, connections: CONNECTIONS, seconds, core: OTHER_CORE });
}

async function measure(contestant: Contestant): Promise<Round> {
  const before = contestant.process.cpuMs();
  const logged = statSync(contestant.log).size;
  const { requests, perSecond, p50, p99 } = await load(contestant, SECONDS);
  const cpuUs = ((contestant.process.cpuMs() - before) * 1_000) / requests;
  if (statSync(contestant.log).size - logged < requests * 50) {
    throw new Error(`${contestant.name} did not write a log line for every request`);
  }
  return { cpuUs, perSecond, p50, p99 };
}

function figuresOf(contestants: readonly Contestant[]): Figure[] {
  const [haproxy, gateway] = contestants;
  const samples = ROUNDS;
  const compare = (name: string, unit: string, read: (round: Round) => number): Figure => {
    const base = median((haproxy?.rounds ?? []).map(read));
    const value = median((gateway?.rounds ?? []).map(read));
    const baseline = `haproxy ${Number(base.toPrecision(4))}`;
    return { figure: `gateway.${name}`, value, unit, baseline, ratio: value / base, samples };
  };
  return [
    compare('cpu', 'µs/request', ({ cpuUs }) => cpuUs),
    compare('throughput', 'requests/s', ({ perSecond }) => perSecond),
    compare('p50', 'ms', ({ p50 }) => p50),
    compare('p99', 'ms', ({ p99 }) => p99),
  ];
}
