import { OSVPOOLS, type OsvPool } from '../../api/types.ts';
import { Ailment } from '../../domain/pool/ailment.ts';
import { refill, take, type Bucket } from '../../domain/pool/bucket.ts';
import { planPool, warmMax, type PoolPlan, type PoolVm } from '../../domain/pool/plan.ts';
import { Setbacks } from '../../domain/pool/setbacks.ts';
import { isCurrent } from '../../domain/scaling/choose.ts';
import { poolRevision } from '../../domain/vmi/revision.ts';
import type { Clock } from '../../runtime/clock.ts';
import type { Reconciler, Result } from '../../runtime/controller.ts';
import { redact } from '../../domain/redact.ts';
import { messageOf } from '../../runtime/errors.ts';
import type { Informer, KubeClient } from '../../runtime/kube.ts';
import type { Logger } from '../../runtime/log.ts';
import { POOL_CONDITIONS, statementsOf } from '../conditions.ts';
import { addFinalizer, hasFinalizer, removeFinalizer } from '../finalizer.ts';
import type { Teller } from '../events/teller.ts';
import { writeStatus } from '../status-writer.ts';
import { sayTerminating, waitFor } from '../terminating.ts';
import type { Fleet } from '../vms/fleet.ts';
import { CreateError } from '../vms/creator.ts';
import type { Loss } from '../vms/last-words.ts';
import { isTaken, type Vm } from '../vms/vm.ts';
import { poolStatus } from './status.ts';
import { VmiChecks } from './vmi-checks.ts';

const state = statementsOf(POOL_CONDITIONS);

export interface PoolControllerOptions {
  readonly client: KubeClient;
  readonly pools: Informer<OsvPool>;
  readonly fleet: Fleet;
  readonly create: (pool: OsvPool) => Promise<void>;
  /** KubeVirt's words against a VM of the pool, if it has any; rejects where it was not to be asked. */
  readonly refusal: (pool: OsvPool) => Promise<string | undefined>;
  /** VMs that applications wait for. */
  readonly backlog: (pool: string) => number;
  readonly teller: Pick<Teller, 'wrote'>;
  readonly clock: Clock;
  readonly log: Logger;
}

/** Others write that list: a pass that has not seen their last write must not undo it. */
function withoutReserved(pool: OsvPool): OsvPool {
  const status = { ...pool.status };
  delete status.reserved;
  return { ...pool, status };
}

/** What a pool's controller remembers from one pass to the next. */
interface Memory {
  bucket?: Bucket;
  readonly setbacks: Setbacks;
  readonly ailment: Ailment;
}

/** Keeps a pool's generic VMs as its plan says. */
export class PoolController {
  readonly #options: PoolControllerOptions;
  readonly #memories = new Map<string, Memory>();
  readonly #checks: VmiChecks;

  constructor(options: PoolControllerOptions) {
    this.#options = options;
    this.#checks = new VmiChecks(options);
    options.fleet.on((vm, before) => {
      this.#learn(vm, before);
    });
  }

  readonly reconcile: Reconciler = async (key) => {
    const pool = this.#options.pools.get(key);
    if (pool === undefined) {
      this.#memories.delete(key);
      this.#checks.forget(key);
      return {};
    }
    return pool.metadata.deletionTimestamp === undefined
      ? this.#keep(key, pool)
      : this.#release(key, pool);
  };

  async #keep(key: string, pool: OsvPool): Promise<Result> {
    const { client, fleet, clock, teller } = this.#options;
    if (!hasFinalizer(pool)) await addFinalizer(client, OSVPOOLS, pool);
    const revision = poolRevision(pool.spec);
    const plan = this.#plan(key, pool, revision);
    for (const { name, reason } of plan.remove) {
      fleet.move(`${pool.metadata.namespace}/${name}`, ['starting', 'generic'], 'deleting', {
        reason,
      });
    }
    await this.#create(key, pool, plan.create);
    const { setbacks, ailment } = this.#memory(key);
    const now = clock.now();
    const status = poolStatus({
      ...{ pool, revision, plan, now, vms: fleet.ofPool(key) },
      createError: setbacks.words,
      complaint: (await this.#checks.complaintOf(pool, revision)) ?? ailment.complaint(now),
    });
    await writeStatus(client, OSVPOOLS, withoutReserved(pool), status);
    teller.wrote('OsvPool', pool, status);
    const waitMs = setbacks.waitMs(now);
    return {
      requeueAfterMs: waitMs > 0 ? waitMs : earliest(plan.againAfterMs, ailment.againAfterMs(now)),
    };
  }

  /** Its guests' last words are its own to know, as far as no application has them. */
  lost({ vm, from, words }: Loss): void {
    const pool = this.#options.pools.get(vm.pool);
    if (pool === undefined) return;
    const { ailment } = this.#memory(vm.pool);
    if (from === 'starting') ailment.notStarted(words.replaceAll(vm.name, 'the VM'), vm.problem);
    else ailment.ended(words, String(pool.spec.machine.memory), this.#options.clock.now());
  }

  #plan(key: string, pool: OsvPool, revision: string): PoolPlan {
    const { fleet, backlog, clock } = this.#options;
    const { warm, maxVms } = pool.spec;
    const now = clock.now();
    const memory = this.#memory(key);
    const bucket = refill(memory.bucket, warm.refillPerSecond, now);
    const plan = planPool({
      now,
      min: warm.min,
      max: warmMax(warm),
      maxVms,
      readyTimeoutMs: warm.readyTimeoutSeconds * 1000,
      vms: fleet.ofPool(key).map((vm) => poolVm(vm, revision)),
      backlog: backlog(key),
      allowance: Math.min(memory.setbacks.limit(now), Math.floor(bucket.tokens)),
    });
    memory.bucket = take(bucket, plan.create);
    return plan;
  }

  /** What fails is no error of this pass: the pool says so, waits, and tries again with one VM. */
  async #create(key: string, pool: OsvPool, count: number): Promise<void> {
    const { create, clock, log } = this.#options;
    if (count === 0) return;
    const { setbacks } = this.#memory(key);
    const ends = await Promise.allSettled(Array.from({ length: count }, () => create(pool)));
    const failed = ends.find((end) => end.status === 'rejected');
    if (failed === undefined) {
      setbacks.created();
      return;
    }
    const { reason: error } = failed as { reason: unknown };
    const kind = error instanceof CreateError && error.refused ? 'refused' : 'unclear';
    setbacks.fail(kind, clock.now(), redact(messageOf(error)));
    log.warn('vm not created', { pool: key, kind, error, retryMs: setbacks.waitMs(clock.now()) });
  }

  /** A pool that its owner deletes takes all its VMs with it, then the object goes. */
  async #release(key: string, pool: OsvPool): Promise<Result> {
    const { client, fleet, teller, clock } = this.#options;
    for (const vm of fleet.ofPool(key)) {
      fleet.put({ ...vm, stage: 'deleting', reason: vm.reason ?? 'PoolDeleted' });
    }
    const now = clock.now();
    const wait = waitFor(fleet.ofPool(key), now);
    if (wait?.message !== undefined) {
      const statement = state('Ready', 'VmsTerminating', wait.message);
      const told = await sayTerminating(client, OSVPOOLS, withoutReserved(pool), {
        statement,
        now,
      });
      teller.wrote('OsvPool', pool, told);
    }
    if (wait !== undefined) return { requeueAfterMs: wait.afterMs };
    if (hasFinalizer(pool)) await removeFinalizer(client, OSVPOOLS, pool);
    return {};
  }

  /** VMs that never become ready slow their pool down; one that does makes up for all. */
  #learn(vm: Vm | undefined, before: Vm | undefined): void {
    if (before?.stage !== 'starting' || vm === undefined) return;
    if (this.#options.pools.get(vm.pool) === undefined) return;
    const { setbacks, ailment } = this.#memory(vm.pool);
    if (vm.stage === 'generic') {
      setbacks.started();
      ailment.started();
    } else if (
      vm.stage === 'deleting' &&
      (vm.reason === 'NotReady' || vm.reason === 'GuestEnded')
    ) {
      setbacks.fail('start', this.#options.clock.now());
    }
  }

  #memory(key: string): Memory {
    const memory = this.#memories.get(key) ?? { setbacks: new Setbacks(), ailment: new Ailment() };
    this.#memories.set(key, memory);
    return memory;
  }
}

function earliest(...waits: readonly (number | undefined)[]): number | undefined {
  const set = waits.filter((ms) => ms !== undefined);
  return set.length === 0 ? undefined : Math.min(...set);
}

function poolVm(vm: Vm, revision: string): PoolVm {
  return {
    name: vm.name,
    stage: stageOf(vm),
    currentImage: isCurrent(vm, revision),
    running: vm.address !== undefined,
    since: vm.since,
    unschedulable: vm.unschedulable,
    pending: vm.stage === 'starting' && isPending(vm),
  };
}

/** One that was not seen yet is on its way. */
function isPending({ uid, launched, unschedulable, problem }: Vm): boolean {
  if (unschedulable !== undefined || problem !== undefined) return true;
  return uid !== undefined && launched !== true;
}

function stageOf(vm: Vm): PoolVm['stage'] {
  if (vm.stage === 'deleting') return 'going';
  if (isTaken(vm)) return 'taken';
  return vm.stage === 'generic' ? 'generic' : 'starting';
}
