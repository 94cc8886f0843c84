/** All of osv-faas on this machine, for benchmarks. */
import { connector } from '../../src/adapters/local/connect.ts';
import { createLogger } from '../../src/adapters/logging/winston.ts';
import { STREAM_AUDIENCE } from '../../src/adapters/operator/token-review.ts';
import type { FunctionSpec, OsvPool } from '../../src/api/types.ts';
import { FUNCTIONS, OSVPOOLS } from '../../src/api/types.ts';
import { packageRoot, userCacheDir } from '../../src/cli/environment.ts';
import { snapshotOf, until } from '../../src/cli/demo/observe.ts';
import { acquireBinaries } from '../../src/local/controlplane/index.ts';
import type { PreparedDriver } from '../../src/local/drivers/index.ts';
import { startLocal, type Local } from '../../src/local/local.ts';
import { systemClock } from '../../src/runtime/clock.ts';
import { join } from 'node:path';

const NAMESPACE = 'default';
const APPLY = { type: 'apply', fieldManager: 'bench', force: true } as const;

/** @param guests of another kind than plain processes, and the memory that they may take together */
export async function startBenchLocal(
  guests: { readonly driver?: PreparedDriver; readonly memoryBytes?: number } = {},
): Promise<Local> {
  const log = createLogger({ level: 'error', format: 'pretty', component: 'bench' });
  const progress = (line: string): void => {
    console.error(`  ${line}`);
  };
  const binaries = await acquireBinaries({
    assetsDir: process.env['KUBEBUILDER_ASSETS'],
    cacheDir: userCacheDir(process.env),
    sourceDir: join(packageRoot, 'hack', 'controlplane'),
    progress,
  });
  return startLocal({
    binaries,
    packageRoot,
    connect: connector(systemClock, log),
    streamAudience: STREAM_AUDIENCE,
    ...guests,
    port: 0,
    archives: { folder: join(packageRoot, 'manifests', 'samples', 'archives'), port: 0 },
    progress,
    clock: systemClock,
    log,
  });
}

/** A pool of exactly `vms` VMs: what is bound is not replaced, so that no start disturbs a measurement. */
export async function applyPool(local: Local, vms: number): Promise<void> {
  const spec = {
    image: {
      kernel: { image: 'bench/kernel:1' },
      disk: { containerDisk: { image: 'bench/disk:1' } },
    },
    warm: { min: vms, refillPerSecond: 100 },
    maxVms: vms,
  } as unknown as OsvPool['spec'];
  const pool = {
    apiVersion: 'faas.osv.io/v1alpha1',
    kind: 'OsvPool',
    metadata: { name: 'bench', namespace: NAMESPACE },
    spec,
  };
  const ref = { resource: OSVPOOLS, name: 'bench', namespace: NAMESPACE };
  await local.connection.client.patch(ref, pool, APPLY);
}

export interface FunctionChanges extends Partial<Omit<FunctionSpec, 'scaling'>> {
  readonly code: string;
  readonly scaling?: Partial<FunctionSpec['scaling']>;
}

export async function applyFunction(
  local: Local,
  name: string,
  spec: FunctionChanges,
): Promise<void> {
  const { code, scaling, ...rest } = spec;
  const fn = {
    apiVersion: 'faas.osv.io/v1alpha1',
    kind: 'Function',
    metadata: { name, namespace: NAMESPACE },
    spec: {
      poolRef: { name: 'bench' },
      source: { inline: { files: { 'index.js': code } } },
      scaling: { idle: { afterSeconds: 600 }, ...scaling },
      ...rest,
    },
  };
  const ref = { resource: FUNCTIONS, name, namespace: NAMESPACE };
  await local.connection.client.patch(ref, fn, APPLY);
}

export async function applyConfigMap(
  local: Local,
  name: string,
  data: Readonly<Record<string, string>>,
): Promise<void> {
  const resource = { group: '', version: 'v1', plural: 'configmaps', kind: 'ConfigMap' };
  const object = { apiVersion: 'v1', kind: 'ConfigMap', metadata: { name }, data };
  await local.connection.client.patch({ resource, name, namespace: NAMESPACE }, object, APPLY);
}

export async function deleteFunction(local: Local, name: string): Promise<void> {
  const { client } = local.connection;
  await client.delete({ resource: FUNCTIONS, name, namespace: NAMESPACE });
}

/** Until all of the pool's VMs are generic and nothing else goes on. */
export async function allGeneric(local: Local, vms: number): Promise<void> {
  await until(`${vms} generic VMs`, 120_000, async () => {
    const { vms: count } = await snapshotOf(local);
    return count.generic === vms && count.deleting === 0 && count.starting === 0;
  });
}

/** Until the Functions' conditions say Ready. */
export async function allReady(local: Local, names: readonly string[]): Promise<void> {
  await until('Functions are ready', 60_000, async () => {
    const { items } = await local.connection.client.list(FUNCTIONS, { namespace: NAMESPACE });
    const ready = items.filter(isReady).map((fn) => fn.metadata.name);
    return names.every((name) => ready.includes(name));
  });
}

/** Whether the Function's condition says so. */
export function isReady(object: unknown): boolean {
  const { status } = object as {
    status?: { conditions?: readonly { type: string; status: string }[] };
  };
  return (
    status?.conditions?.some(({ type, status: is }) => type === 'Ready' && is === 'True') ?? false
  );
}
