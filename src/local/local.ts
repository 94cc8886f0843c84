import { existsSync, mkdirSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { freemem, tmpdir } from 'node:os';
import { join } from 'node:path';
import { request } from 'undici';
import type { Vmi } from '../api/kubevirt.ts';
import type { Clock } from '../runtime/clock.ts';
import type { Informer, KubeClient } from '../runtime/kube.ts';
import { Lifecycle } from '../runtime/lifecycle.ts';
import type { Logger } from '../runtime/log.ts';
import { installAccounts } from './accounts.ts';
import { serveArchives } from './archives.ts';
import { consoleFolder } from './consoles.ts';
import {
  installCrds,
  manifestFiles,
  startControlPlane,
  type Binaries,
  type ControlPlane,
} from './controlplane/index.ts';
import { waitFor } from './controlplane/wait.ts';
import type { Driver } from './drivers/driver.ts';
import { prepareDriver, type DriverSettings, type PreparedDriver } from './drivers/index.ts';
import type { Manners } from './runner/manners.ts';
import { Runner } from './runner/runner.ts';
import { Services, type ServiceName } from './services.ts';
import { serviceSettings, type ServiceOptions, type ServiceSettings } from './settings.ts';

/** A connection to the local API server as its administrator. */
export interface Connection {
  readonly client: KubeClient;
  readonly vmis: Informer<Vmi>;
  readonly close: () => Promise<void>;
}

export interface LocalOptions extends ServiceOptions {
  readonly binaries: Binaries;
  /** Folder with crds/ and charts/: the checkout or the package. */
  readonly packageRoot: string;
  readonly connect: (kubeconfig: string) => Connection;
  /** Absolute; kept and used again. Without it a temporary folder, removed in the end. */
  readonly stateDir?: string | undefined;
  /** Folder of archives that Functions may name as their source, and the port that it is served on. */
  readonly archives: { readonly folder: string; readonly port: number };
  /** Memory of all guests together, bytes; three quarters of what is free when absent. */
  readonly memoryBytes?: number | undefined;
  readonly manners?: Manners | undefined;
  /** Plain processes when absent. */
  readonly driver?: DriverSettings | PreparedDriver;
  readonly progress: (line: string) => void;
  readonly clock: Clock;
  readonly log: Logger;
}

/** All of osv-faas on one machine. */
export interface Local {
  readonly controlPlane: ControlPlane;
  readonly connection: Connection;
  readonly driver: Driver;
  /** Why this driver; undefined when it was asked for. */
  readonly driverWhy: string | undefined;
  readonly services: Services;
  /** Resolves with a sentence when a part ends that nobody starts again. */
  readonly died: Promise<string>;
  readonly stateDir: string;
  readonly gatewayUrl: string;
  readonly gatewayAdminUrl: string;
  readonly operatorAdminUrl: string;
  readonly archivesUrl: string;
  /** File of a VM's console. */
  consoleLog(vm: string): string;
  /** Resolves when operator or gateway (again) is ready. */
  ready(name: ServiceName): Promise<void>;
  stop(): Promise<void>;
}

const READY_MS = 60_000;
const STOP_MS = 60_000;
/** Translated guests on a busy machine are late, not dead. */
const SLOW_CALL_SECONDS = 10;

/** Control plane, custom resources, runner, operator and gateway, in this order. */
export async function startLocal(options: LocalOptions): Promise<Local> {
  const { clock, log, progress } = options;
  const { driver: asked = { name: 'process' } } = options;
  const driver = 'begin' in asked ? asked : await prepareDriver(asked);
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
      ...(options.stateDir === undefined && { temporary: true, removeToo: stateDir }),
      progress,
      beforeControllers: (kubeconfig) => install(options, kubeconfig),
    });
    await lifecycle.start([
      { name: 'control plane', start: () => undefined, stop: () => controlPlane.stop() },
    ]);
    return { ...(await assemble(options, { driver, controlPlane, stateDir, lifecycle })), stop };
  } catch (error) {
    await stop();
    throw error;
  }
}

async function install(options: LocalOptions, kubeconfig: string): Promise<void> {
  const { packageRoot, progress } = options;
  progress('installing custom resources and service accounts');
  const { client, close } = options.connect(kubeconfig);
  const folders = [join(packageRoot, 'crds'), join(packageRoot, 'crds', 'kubevirt')];
  await installCrds(client, folders.flatMap(manifestFiles));
  await installAccounts(client, join(packageRoot, 'charts', 'osv-faas', 'files'));
  await close();
}

interface Base {
  readonly driver: PreparedDriver;
  readonly controlPlane: ControlPlane;
  readonly stateDir: string;
  readonly lifecycle: Lifecycle;
}

async function assemble(options: LocalOptions, base: Base): Promise<Omit<Local, 'stop'>> {
  const { progress, log, clock } = options;
  const { controlPlane, stateDir, lifecycle } = base;
  const connection = options.connect(controlPlane.kubeconfig);
  const { client, vmis } = connection;
  const driver = await base.driver.begin({ stateDir: join(stateDir, 'guests'), log });
  const patience = driver.slowdown > 1 ? { agentCallSeconds: SLOW_CALL_SECONDS } : {};
  const settings = await serviceSettings({ ...options, ...patience }, base, client);
  const memoryBytes = options.memoryBytes ?? Math.floor(freemem() * 0.75);
  const { manners } = options;
  const runner = new Runner({ client, vmis, driver, memoryBytes, manners, clock, log });
  const archives = await serveArchives(options.archives.folder, options.archives.port);
  const services = await Services.begin({ stateDir, args: settings.args, clock, log });
  await lifecycle.start([
    { name: 'connection', start: () => undefined, stop: () => connection.close() },
    { name: 'archives', start: () => undefined, stop: () => archives.stop() },
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
    driverWhy: base.driver.why,
    services,
    died: Promise.race([controlPlane.died, services.died, driver.died]),
    stateDir,
    ready,
    gatewayUrl: settings.gatewayUrl,
    gatewayAdminUrl: settings.adminUrls.gateway,
    operatorAdminUrl: settings.adminUrls.operator,
    archivesUrl: archives.url,
    consoleLog: (vm) => join(consoleFolder(stateDir), `${vm}.log`),
  };
}

function readiness(services: Services, { adminUrls }: ServiceSettings): Local['ready'] {
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
