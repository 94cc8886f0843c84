import { readFile } from 'node:fs/promises';
import type { Server } from 'node:http';
import type { Command } from 'commander';
import { Registry } from '@prometheus-io/client';
import { boundVmsOf } from '../adapters/gateway/recover.ts';
import { routesOf } from '../adapters/gateway/routes.ts';
import { startAdmin } from '../adapters/http/admin.ts';
import { callCounter } from '../adapters/kube/calls.ts';
import { RestClient } from '../adapters/kube/client.ts';
import { loadKubeConfig } from '../adapters/kube/config.ts';
import { WatchingInformer } from '../adapters/kube/informer.ts';
import { Transport } from '../adapters/kube/transport.ts';
import { createLogger } from '../adapters/logging/winston.ts';
import { readPublicKey } from '../adapters/public-key.ts';
import { readTokens } from '../adapters/tokens.ts';
import { FUNCTIONS, type Function } from '../api/types.ts';
import { BufferedLines } from '../gateway/telemetry/accesslog/writer.ts';
import { createGateway, type Gateway } from '../gateway/gateway.ts';
import { OperatorStream } from '../gateway/control/stream.ts';
import { systemClock } from '../runtime/clock.ts';
import { Lifecycle, type Part } from '../runtime/lifecycle.ts';
import type { Logger } from '../runtime/log.ts';
import { addGatewayOptions, gatewayOptionsOf, type GatewayCliOptions } from './gateway-options.ts';
import { hostPolicyOf } from './options.ts';
import { runUntilSignal } from './run.ts';

/** Beyond the time that draining itself may take. */
const STOP_SLACK_MS = 10_000;

export function register(program: Command): void {
  const command = program
    .command('gateway')
    .description('answer requests from the VMs of their applications; the data plane of a cluster');
  addGatewayOptions(command).action(run);
}

async function run(cli: GatewayCliOptions): Promise<void> {
  const log = createLogger({
    level: cli.logLevel,
    format: cli.logFormat,
    component: 'gateway',
  });
  const options = gatewayOptionsOf(cli);
  const { tokenOf } = readTokens(cli);
  const accessLog = await openAccessLog(cli, log);
  const calls = callCounter();
  const transport = new Transport(loadKubeConfig(cli.kubeconfig), systemClock, (method, code) => {
    calls.inc({ method, code });
  });
  const client = new RestClient(transport, systemClock);
  const functions = new WatchingInformer<Function>({
    resource: FUNCTIONS,
    transport,
    client,
    clock: systemClock,
    log,
  });
  const registry = new Registry();
  registry.registerMetric(calls);
  const gateway = createGateway(
    {
      routes: routesOf(functions),
      hosts: hostPolicyOf(cli),
      tokenOf,
      registry,
      clock: systemClock,
      log,
      boundVms: boundVmsOf({ client, publicKey: readPublicKey(cli.publicKeyFile), registry, log }),
      ...(cli.operatorUrl === undefined ? {} : { stream: streamOf(cli, cli.operatorUrl, log) }),
      ...(accessLog === undefined ? {} : { accessLog }),
    },
    options,
  );
  const stopMs = options.drainGraceMs + options.drainMs + STOP_SLACK_MS;
  const lifecycle = new Lifecycle(systemClock, log, stopMs);
  const stopped = new AbortController();
  await lifecycle.start([
    { name: 'connections', start: () => undefined, stop: () => transport.close() },
    {
      name: 'functions',
      start: () => {
        functions.start(stopped.signal);
      },
      stop: () => {
        stopped.abort();
      },
    },
    adminPart(cli, gateway, { registry, log }),
    {
      name: 'gateway',
      start: () => gateway.start().then(() => undefined),
      stop: () => gateway.stop(),
    },
  ]);
  await runUntilSignal(lifecycle, log);
}

/** SIGHUP opens the file anew, after whoever rotates logs has moved it away. */
async function openAccessLog(
  cli: GatewayCliOptions,
  log: Logger,
): Promise<BufferedLines | undefined> {
  const { accessLog: file } = cli;
  if (file === undefined) return undefined;
  const lines = await BufferedLines.open(file);
  if (file !== '-') {
    process.on('SIGHUP', () => {
      lines.reopen(file).catch((error: unknown) => {
        log.error('access log not reopened', { error });
      });
    });
  }
  return lines;
}

function streamOf(cli: GatewayCliOptions, url: string, log: Logger): OperatorStream {
  return new OperatorStream({
    url,
    gateway: cli.name,
    bearer: async () => (await readFile(cli.operatorTokenFile, 'utf8')).trim(),
    clock: systemClock,
    log,
  });
}

function adminPart(
  cli: GatewayCliOptions,
  gateway: Gateway,
  { registry, log }: { registry: Registry; log: Logger },
): Part {
  let server: Server | undefined;
  return {
    name: 'admin',
    start: async () => {
      server = await startAdmin({
        host: cli.adminHost,
        port: cli.adminPort,
        registry,
        log,
        unready: () => gateway.unready(),
        json: { '/debug/applications': () => gateway.applications() },
      });
    },
    stop: () => {
      server?.closeAllConnections();
      server?.close();
    },
  };
}
