import type { FunctionLoad } from '../../api/agent-protocol.ts';
import { FUNCTIONS, type Function, type FunctionStatus, type OsvPool } from '../../api/types.ts';
import { applicationId, applicationOf, poolKey } from '../../domain/application.ts';
import { mayUse } from '../../domain/pool/access.ts';
import type { Backlog } from '../../domain/scaling/backlog.ts';
import type { DemandBook } from '../../domain/scaling/demand-book.ts';
import type { Clock } from '../../runtime/clock.ts';
import type { Reconciler, Result } from '../../runtime/controller.ts';
import { keyOf, type Informer, type KubeClient } from '../../runtime/kube.ts';
import type { ApplicationRecord, ApplicationRegistry, Blocked } from '../applications/registry.ts';
import { redactedLoad } from '../bind/bundle.ts';
import { FUNCTION_CONDITIONS, statementsOf } from '../conditions.ts';
import { addFinalizer, hasFinalizer, removeFinalizer } from '../finalizer.ts';
import type { Teller } from '../events/teller.ts';
import { writeStatus } from '../status-writer.ts';
import { sayTerminating, waitFor, type Wait } from '../terminating.ts';
import type { RoutePropagation } from '../stream/route-propagation.ts';
import type { Fleet } from '../vms/fleet.ts';
import type { Vm } from '../vms/vm.ts';
import type { ClaimBook } from './claims.ts';
import { isRouted } from './conditions.ts';
import type { SourceState, Sources } from './sources.ts';
import { functionStatus } from './status.ts';

const state = statementsOf(FUNCTION_CONDITIONS);

export interface FunctionControllerOptions {
  readonly client: KubeClient;
  readonly functions: Informer<Function>;
  readonly pools: Informer<OsvPool>;
  readonly registry: ApplicationRegistry;
  readonly fleet: Fleet;
  readonly backlog: Pick<Backlog, 'of'>;
  readonly demand: DemandBook;
  readonly routes: Pick<RoutePropagation, 'routingOf' | 'await' | 'forget'>;
  readonly sources: Sources;
  readonly claims: Pick<ClaimBook, 'problemOf'>;
  readonly teller: Pick<Teller, 'wrote'>;
  readonly clock: Clock;
  /** Called when a Function was looked at for the first time. */
  readonly seen: (key: string) => void;
}

/** Makes a Function part of its application, or says in its conditions why that cannot be. */
export function functionReconciler(options: FunctionControllerOptions): Reconciler {
  return async (key) => {
    const fn = options.functions.get(key);
    try {
      if (fn === undefined) forget(options, key);
      else if (fn.metadata.deletionTimestamp !== undefined) return await release(options, key, fn);
      else return await serve(options, key, fn);
      return {};
    } finally {
      options.seen(key);
    }
  };
}

async function serve(
  options: FunctionControllerOptions,
  key: string,
  fn: Function,
): Promise<Result> {
  const { client, registry, routes } = options;
  if (!hasFinalizer(fn)) await addFinalizer(client, FUNCTIONS, fn);
  const pool = poolProblem(options.pools.get(poolKey(applicationOf(fn))), fn);
  const source = pool === undefined ? await options.sources.of(fn) : {};
  if (pool !== undefined) registry.block(fn, pool);
  else if (source.resolved !== undefined) registry.put(fn, source.resolved);
  else if (!isServed(registry, key, fn)) registry.block(fn, source.problem ?? READING);
  // Before the look: what a gateway says between the two is news.
  if (!isRouted(fn)) routes.await(key, versionOf(fn));
  const status = statusOf(options, fn, { pool, source });
  await writeStatus(client, FUNCTIONS, fn, status);
  options.teller.wrote('Function', fn, status);
  return { requeueAfterMs: source.retryAfterMs };
}

function forget({ registry, sources, routes }: FunctionControllerOptions, key: string): void {
  registry.remove(key);
  sources.forget(key);
  routes.forget(key);
}

/** Gives the application up, waits until its VMs are gone where it was the last, lets the object go. */
async function release(
  options: FunctionControllerOptions,
  key: string,
  fn: Function,
): Promise<Result> {
  const { client, registry, fleet, clock } = options;
  forget(options, key);
  const id = applicationId(applicationOf(fn));
  if (!registry.isClaimed(id)) {
    const vms = fleet.ofApplication(id);
    // Its owner deleted it: nothing is waited for (invariant I4).
    for (const vm of vms) {
      fleet.move(vm.key, ['bound', 'draining'], 'deleting', { reason: 'ApplicationGone' });
    }
    const wait = waitFor(fleet.ofApplication(id), clock.now());
    if (wait !== undefined) return hold(options, fn, wait);
  }
  if (hasFinalizer(fn)) await removeFinalizer(client, FUNCTIONS, fn);
  return {};
}

async function hold(
  { client, teller, clock }: FunctionControllerOptions,
  fn: Function,
  { afterMs, message }: Wait,
): Promise<Result> {
  if (message !== undefined) {
    const statement = state('Ready', 'VmsTerminating', message);
    const told = { statement, now: clock.now() };
    teller.wrote('Function', fn, await sayTerminating(client, FUNCTIONS, fn, told));
  }
  return { requeueAfterMs: afterMs };
}

function poolProblem(pool: OsvPool | undefined, fn: Function): Blocked | undefined {
  const key = poolKey(applicationOf(fn));
  if (pool === undefined) {
    return { reason: 'PoolNotFound', detail: `OsvPool ${key} does not exist` };
  }
  if (mayUse(pool, fn.metadata.namespace)) return undefined;
  const detail = `OsvPool ${key} does not allow Functions of namespace ${fn.metadata.namespace}`;
  return { reason: 'NamespaceNotAllowed', detail, evict: true };
}

/** Requests wait for it, as they do for a VM. */
const READING: Blocked = { reason: 'Reading', detail: 'the source is being read', pending: true };

/** What it served before goes on, whatever became of its new source. */
function isServed(registry: ApplicationRegistry, key: string, fn: Function): boolean {
  return registry.get(applicationId(applicationOf(fn)))?.members.has(key) ?? false;
}

function statusOf(
  options: FunctionControllerOptions,
  fn: Function,
  { pool, source }: { pool: Blocked | undefined; source: SourceState },
): FunctionStatus {
  const id = applicationId(applicationOf(fn));
  const record = options.registry.get(id);
  const vms = options.fleet.ofApplication(id).filter((vm) => vm.stage === 'bound');
  const current = vms.filter((vm) => vm.binding?.revision === record?.bundle.revision);
  return functionStatus({
    fn,
    poolProblem: pool,
    runtime: options.pools.get(poolKey(applicationOf(fn)))?.spec.runtime,
    sourceProblem: source.problem,
    isReading: source.reading === true,
    digest: source.resolved?.digest,
    load: loadOf(fn.metadata.name, record, current),
    claimProblem: options.claims.problemOf(keyOf(fn)),
    routing: options.routes.routingOf(versionOf(fn)),
    rejected: record?.rejection !== undefined,
    refused: record?.blocked,
    trouble: record?.trouble,
    revision: record?.bundle.revision,
    vms: vms.length,
    current: current.length,
    backlog: options.backlog.of(id),
    poolTrouble: troubleOf(options.pools.get(poolKey(applicationOf(fn)))),
    max: (record?.settings ?? fn.spec.scaling).max,
    demand: options.demand.loadOf(id),
    now: options.clock.now(),
  });
}

function troubleOf(pool: OsvPool | undefined): string | undefined {
  const progress = pool?.status?.conditions?.find(({ type }) => type === 'Progressing');
  return progress?.status === 'False' && progress.reason !== 'Settled'
    ? progress.reason
    : undefined;
}

const versionOf = ({ metadata }: Function): string => metadata.resourceVersion ?? '0';

/** What VMs said of loading it; a failure anywhere counts more than a success. */
function loadOf(
  name: string,
  record: ApplicationRecord | undefined,
  vms: readonly Vm[],
): FunctionLoad | undefined {
  const loads = vms.flatMap((vm) => vm.binding?.functions ?? []);
  const ofThis = [...(record?.rejection?.functions ?? []), ...loads].filter(
    (load) => load.name === name,
  );
  const load = ofThis.find((one) => one.state === 'failed') ?? ofThis[0];
  // VMs that an operator before this one has bound said it to this one unredacted.
  return load === undefined || record === undefined ? load : redactedLoad(load, record.bundle);
}
