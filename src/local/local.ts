import { existsSync, mkdirSync, writeFileSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { freemem, tmpdir } from 'node:os';
import { join } from 'node:path';
import { request } from 'undici';
import type { Vmi } from '../api/kubevirt.ts';
import type { Clock } from '../runtime/clock.ts';
import type { Informer, KubeClient } from '../runtime/kube.ts';
import { Lifecycle } from '../runtime/lifecycle.ts';
import type { Logger } from '../runtime/log.ts';
import { ACCOUNTS, installAccounts, streamToken, SYSTEM_NAMESPACE } from './accounts.ts';
import {
  installCrds,
  manifestFiles,
  serviceAccountKubeconfig,
  startControlPlane,
  type Binaries,
  type ControlPlane,
} from './controlplane/index.ts';
import { freePorts } from './controlplane/ports.ts';
import { waitFor } from './controlplane/wait.ts';
import type { Driver } from './drivers/driver.ts';
import { ProcessDriver } from './drivers/process.ts';
import { prepareKeys, type KeyFiles } from './keys.ts';
import { Runner } from './runner/runner.ts';
import { Services, type ServiceName } from './services.ts';

/** A connection to the local API server as its administrator. */
export interface Connection {
  readonly client: KubeClient;
  readonly vmis: Informer<Vmi>;
  close(): Promise<void>;
}

export interface LocalOptions {
  readonly binaries: Binaries;
  /** Folder with crds/ and charts/: the checkout or the package. */
  readonly packageRoot: string;
  readonly connect: (kubeconfig: string) => Connection;
  /** Audience of the gateway's token for the operator. */
  readonly streamAudience: string;
  /** Absolute; kept and used again. Without it a temporary folder, removed in the end. */
  readonly stateDir?: string | undefined;
  /** Public port of the gateway; any free one when 0. */
  readonly port: number;
  /** Memory of all guests together, bytes; three quarters of what is free when absent. */
  readonly memoryBytes?: number | undefined;
  /** Further arguments of the gateway's command. */
  readonly gatewayArgs?: readonly string[];
  readonly progress: (line: string) => void;
  readonly clock: Clock;
  readonly log: Logger;
}

/** All of osv-faas on one machine. */
export interface Local {
  readonly controlPlane: ControlPlane;
  readonly connection: Connection;
  readonly driver: Driver;
  readonly services: Services;
  readonly stateDir: string;
  readonly gatewayUrl: string;
  readonly gatewayAdminUrl: string;
  readonly operatorAdminUrl: string;
  /** File of a VM's console. */
  consoleLog(vm: string): string;
  /** Resolves when operator or gateway (again) is ready. */
  ready(name: ServiceName): Promise<void>;
  stop(): Promise<void>;
}

const READY_MS = 60_000;
const STOP_MS = 60_000;

/** Control plane, custom resources, runner, operator and gateway, in this order. */
export async function startLocal(options: LocalOptions): Promise<Local> {
  const { clock, log, progress } = options;
  const stateDir = options.stateDir ?? (await mkdtemp(join(tmpdir(), 'osv-faas-local-')));
  mkdirSync(stateDir, { recursive: true, mode: 0o700 });
  const lifecycle = new Lifecycle(clock, log, STOP_MS);
  const stop = async (): Promise<void> => {
    await lifecycle.stop();
    if (options.stateDir === undefined) await rm(stateDir, { recursive: true, force: true });
  };
  try {
    const controlPlane = await startControlPlane({
      binaries: options.binaries,
      stateDir: join(stateDir, 'control-plane'),
      progress,
    });
    await lifecycle.start([
      { name: 'control plane', start: () => undefined, stop: () => controlPlane.stop() },
    ]);
    return { ...(await assemble(options, { controlPlane, stateDir, lifecycle })), stop };
  } catch (error) {
    await stop();
    throw error;
  }
}

interface Base {
  readonly controlPlane: ControlPlane;
  readonly stateDir: string;
  readonly lifecycle: Lifecycle;
}

async function assemble(options: LocalOptions, base: Base): Promise<Omit<Local, 'stop'>> {
  const { progress, log, clock } = options;
  const { controlPlane, stateDir, lifecycle } = base;
  const connection = options.connect(controlPlane.kubeconfig);
  const { client, vmis } = connection;
  progress('installing custom resources and service accounts');
  await installCrds(client, manifestFiles(join(options.packageRoot, 'crds')));
  await installCrds(client, manifestFiles(join(options.packageRoot, 'crds', 'kubevirt')));
  await installAccounts(client, join(options.packageRoot, 'charts', 'osv-faas', 'files'));
  const driver = await ProcessDriver.begin({ stateDir: join(stateDir, 'guests'), log });
  const memoryBytes = options.memoryBytes ?? Math.floor(freemem() * 0.75);
  const runner = new Runner({ client, vmis, driver, memoryBytes, clock, log });
  const settings = await serviceSettings(options, base, client);
  const services = await Services.begin({ stateDir, args: settings.args, clock, log });
  await lifecycle.start([
    { name: 'connection', start: () => undefined, stop: () => connection.close() },
    { name: 'driver', start: () => undefined, stop: () => driver.stop() },
    { name: 'runner', start: () => runner.start(), stop: () => runner.stop() },
    { name: 'services', start: () => undefined, stop: () => services.stop() },
  ]);
  const ready = readiness(services, settings);
  for (const name of ['operator', 'gateway'] as const) {
    progress(`starting ${name}`);
    services.start(name);
    await ready(name);
  }
  return {
    controlPlane,
    connection,
    driver,
    services,
    stateDir,
    ready,
    gatewayUrl: settings.gatewayUrl,
    gatewayAdminUrl: settings.adminUrls.gateway,
    operatorAdminUrl: settings.adminUrls.operator,
    consoleLog: (vm) => join(stateDir, 'guests', 'console', `${vm}.log`),
  };
}

interface Settings {
  readonly args: Readonly<Record<ServiceName, readonly string[]>>;
  readonly adminUrls: Readonly<Record<ServiceName, string>>;
  readonly gatewayUrl: string;
}

/** Both run under their own service accounts, on loopback ports that stay the same over restarts. */
async function serviceSettings(
  options: LocalOptions,
  { controlPlane, stateDir }: Base,
  client: KubeClient,
): Promise<Settings> {
  const [stream = 0, operatorAdmin = 0, gatewayAdmin = 0, free = 0] = await freePorts(4);
  const port = options.port === 0 ? free : options.port;
  const keys = prepareKeys(join(stateDir, 'keys'));
  const tokenFile = join(stateDir, 'keys', 'stream.token');
  writeFileSync(tokenFile, await streamToken(client, options.streamAudience), { mode: 0o600 });
  const kubeconfigs = {
    operator: await kubeconfigOf(controlPlane, client, ACCOUNTS.operator),
    gateway: await kubeconfigOf(controlPlane, client, ACCOUNTS.gateway),
  };
  const operator = {
    ...shared(kubeconfigs.operator, operatorAdmin, keys),
    port: stream,
    'signing-key-file': keys.signingKey,
    'gateway-service-account': `${SYSTEM_NAMESPACE}:${ACCOUNTS.gateway}`,
  };
  const gateway = {
    ...shared(kubeconfigs.gateway, gatewayAdmin, keys),
    port,
    name: 'local',
    'operator-url': `ws://127.0.0.1:${stream}`,
    'operator-token-file': tokenFile,
    'access-log': join(stateDir, 'access.log'),
    'drain-grace-seconds': 0,
  };
  return {
    args: {
      operator: flags(operator),
      gateway: [...flags(gateway), ...(options.gatewayArgs ?? [])],
    },
    adminUrls: {
      operator: `http://127.0.0.1:${operatorAdmin}`,
      gateway: `http://127.0.0.1:${gatewayAdmin}`,
    },
    gatewayUrl: `http://127.0.0.1:${port}`,
  };
}

function shared(
  kubeconfig: string,
  adminPort: number,
  keys: KeyFiles,
): Record<string, string | number> {
  return {
    kubeconfig,
    host: '127.0.0.1',
    'admin-host': '127.0.0.1',
    'admin-port': adminPort,
    'token-key-file': keys.tokenKey,
  };
}

function flags(options: Readonly<Record<string, string | number>>): string[] {
  return Object.entries(options).map(([name, value]) => `--${name}=${value}`);
}

function kubeconfigOf(
  controlPlane: ControlPlane,
  client: KubeClient,
  name: string,
): Promise<string> {
  return serviceAccountKubeconfig(controlPlane, client, { namespace: SYSTEM_NAMESPACE, name });
}

function readiness(services: Services, { adminUrls }: Settings): Local['ready'] {
  return (name) =>
    waitFor(
      name,
      async () => {
        const { statusCode, body } = await request(`${adminUrls[name]}/readyz`);
        const text = await body.text();
        if (statusCode !== 200) throw new Error(text.trim());
      },
      { timeoutMs: READY_MS, dead: () => deadOf(services, name) },
    );
}

/** A service that ended is started again; only one that cannot even begin is given up. */
function deadOf(services: Services, name: ServiceName): string | undefined {
  const why = services.endOf(name);
  if (why === undefined || existsSync(services.logOf(name))) return undefined;
  return `ended with ${why}`;
}
