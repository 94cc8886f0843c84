import { randomUUID } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { hostname } from 'node:os';
import type { Server } from 'node:http';
import type { Command } from 'commander';
import { UnpackThread } from '../adapters/archive/unpack-thread.ts';
import { startAdmin } from '../adapters/http/admin.ts';
import { callCounter } from '../adapters/kube/calls.ts';
import { RestClient } from '../adapters/kube/client.ts';
import { loadKubeConfig } from '../adapters/kube/config.ts';
import { WatchingInformer } from '../adapters/kube/informer.ts';
import { Transport } from '../adapters/kube/transport.ts';
import { createLogger } from '../adapters/logging/winston.ts';
import { consoleReader } from '../adapters/operator/console.ts';
import { tokenReviewer } from '../adapters/operator/token-review.ts';
import { readTokens } from '../adapters/tokens.ts';
import { LABELS, MANAGED_BY } from '../api/group.ts';
import type { Vmi } from '../api/kubevirt.ts';
import { FUNCTIONS, OSVPOOLS, VMIS, type Function, type OsvPool } from '../api/types.ts';
import { createSigner } from '../operator/agents/signer.ts';
import { FUNCTION_INDEXES } from '../operator/functions/references.ts';
import { Operator } from '../operator/operator.ts';
import { Archives, type Unpack } from '../operator/sources/archive.ts';
import { CONFIG_MAPS, SECRETS } from '../operator/sources/objects.ts';
import { createResolver } from '../operator/sources/resolve.ts';
import { startStreamServer, type StreamServer } from '../operator/stream/server.ts';
import { systemClock } from '../runtime/clock.ts';
import { Lifecycle, type Part } from '../runtime/lifecycle.ts';
import type { Logger } from '../runtime/log.ts';
import {
  integer,
  hostOptions,
  hostPolicyOf,
  logOptions,
  option,
  port,
  type HostOptions,
  type LogOptions,
  tokenKeyOptions,
} from './options.ts';
import { runUntilSignal } from './run.ts';
import { sourceNetworks, sourceOptions, type SourceOptions } from './source-options.ts';

interface OperatorCliOptions extends LogOptions, HostOptions, SourceOptions {
  readonly kubeconfig?: string;
  readonly host: string;
  readonly port: number;
  readonly adminHost: string;
  readonly adminPort: number;
  readonly signingKeyFile: string;
  readonly tokenKeyFile: string;
  readonly previousTokenKeyFile?: string;
  readonly gatewayServiceAccount: string[];
  readonly agentCallSeconds: number;
}

export function register(program: Command): void {
  const command = program
    .command('operator')
    .description('reconcile OsvPools and Functions; the control plane of a cluster')
    .addOption(
      option('--kubeconfig <file>', 'how to reach the API server; in a pod its service account'),
    )
    .addOption(option('--host <address>', "address of the gateways' stream").default('0.0.0.0'))
    .addOption(
      option('--port <port>', "port of the gateways' stream").argParser(port).default(9090),
    )
    .addOption(option('--admin-host <address>', 'address of health and metrics').default('0.0.0.0'))
    .addOption(
      option('--admin-port <port>', 'port of health and metrics').argParser(port).default(9091),
    )
    .addOption(
      option(
        '--signing-key-file <file>',
        'Ed25519 private key (PKCS#8 PEM) that binds are signed with',
      ).makeOptionMandatory(),
    )
    .addOption(
      option(
        '--gateway-service-account <namespace:name...>',
        'service accounts that gateways run as',
      ).default(['osv-faas-system:osv-faas-gateway']),
    )
    .addOption(
      option('--agent-call-seconds <n>', 'how long an agent may take to answer, binds aside')
        .argParser(integer(1, 60))
        .default(2),
    );
  const shared = [...tokenKeyOptions(), ...hostOptions(), ...sourceOptions(), ...logOptions()];
  for (const one of shared) command.addOption(one);
  command.action(run);
}

async function run(options: OperatorCliOptions): Promise<void> {
  const log = createLogger({
    level: options.logLevel,
    format: options.logFormat,
    component: 'operator',
  });
  const calls = callCounter();
  const transport = new Transport(
    loadKubeConfig(options.kubeconfig),
    systemClock,
    (method, code) => {
      calls.inc({ method, code });
    },
  );
  const client = new RestClient(transport, systemClock);
  const operator = createOperator(options, { transport, client, log });
  operator.metrics.registry.registerMetric(calls);
  const lifecycle = new Lifecycle(systemClock, log);
  await lifecycle.start([
    { name: 'connections', start: () => undefined, stop: () => transport.close() },
    adminPart(options, operator, log),
    ...operator.parts(),
    streamPart(options, operator, { client, log }),
  ]);
  log.info('operator is up', { port: options.port });
  await runUntilSignal(lifecycle, log);
}

function createOperator(
  options: OperatorCliOptions,
  { transport, client, log }: { transport: Transport; client: RestClient; log: Logger },
): Operator {
  const unpacking = new UnpackThread();
  const unpack: Unpack = (...args) => unpacking.unpack(...args);
  const shared = { transport, client, clock: systemClock, log };
  return new Operator({
    client,
    functions: new WatchingInformer<Function>({
      ...shared,
      resource: FUNCTIONS,
      indexes: FUNCTION_INDEXES,
    }),
    pools: new WatchingInformer<OsvPool>({ ...shared, resource: OSVPOOLS }),
    objects: {
      ConfigMap: new WatchingInformer({ ...shared, resource: CONFIG_MAPS, metadataOnly: true }),
      Secret: new WatchingInformer({ ...shared, resource: SECRETS, metadataOnly: true }),
    },
    vmis: new WatchingInformer<Vmi>({
      ...shared,
      resource: VMIS,
      labelSelector: `${LABELS.managedBy}=${MANAGED_BY}`,
    }),
    agentCallMs: options.agentCallSeconds * 1000,
    signer: createSigner(readFileSync(options.signingKeyFile, 'utf8'), systemClock.now()),
    tokens: readTokens(options),
    resolve: createResolver(
      client,
      new Archives({ unpack, networks: sourceNetworks(options, client) }),
    ),
    readConsole: consoleReader(client, transport),
    hosts: hostPolicyOf(options),
    clock: systemClock,
    log,
  });
}

function adminPart(options: OperatorCliOptions, operator: Operator, log: Logger): Part {
  let server: Server | undefined;
  return {
    name: 'admin',
    start: async () => {
      server = await startAdmin({
        host: options.adminHost,
        port: options.adminPort,
        registry: operator.metrics.registry,
        log,
        unready: operator.unready,
        json: {
          '/debug/vms': () => operator.fleet.all(),
          '/debug/binds': () => operator.metrics.recentBinds,
          '/usage': () => ({
            since: new Date(operator.usage.since).toISOString(),
            applications: operator.usage.report(),
          }),
        },
      });
    },
    stop: () => {
      server?.closeAllConnections();
      server?.close();
    },
  };
}

function streamPart(
  options: OperatorCliOptions,
  operator: Operator,
  { client, log }: { client: RestClient; log: Logger },
): Part {
  let stream: StreamServer | undefined;
  return {
    name: 'stream',
    start: async () => {
      stream = await startStreamServer({
        host: options.host,
        port: options.port,
        operator: `${hostname()}-${randomUUID().slice(0, 8)}`,
        authenticate: tokenReviewer(client),
        allowed: options.gatewayServiceAccount,
        handlers: operator.stream,
        clock: systemClock,
        log,
      });
    },
    stop: () => stream?.stop(),
  };
}
