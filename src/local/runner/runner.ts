import type { V1VirtualMachineInstanceStatus } from '@kubevirt-ui-ext/kubevirt-api/kubevirt';
import type { Vmi } from '../../api/kubevirt.ts';
import { VMIS } from '../../api/types.ts';
import { bytesOf } from '../../domain/quantity.ts';
import type { Clock } from '../../runtime/clock.ts';
import { createController, type Controller, type Result } from '../../runtime/controller.ts';
import { messageOf } from '../../runtime/errors.ts';
import { keyOf, splitKey, type Informer, type KubeClient } from '../../runtime/kube.ts';
import type { Logger } from '../../runtime/log.ts';
import type { Driver, Guest } from '../drivers/driver.ts';
import type { Manners } from './manners.ts';
import {
  endedStatus,
  enter,
  KUBEVIRT_FINALIZER,
  phaseOf,
  problemStatus,
  runningStatus,
  scheduledStatus,
  unschedulableStatus,
} from './phases.ts';

export interface RunnerOptions {
  readonly client: KubeClient;
  readonly vmis: Informer<Vmi>;
  readonly driver: Driver;
  /** Memory of all guests together; a VMI beyond it waits, as on a full cluster. */
  readonly memoryBytes: number;
  /** None unless a test asks for them. */
  readonly manners?: Manners | undefined;
  readonly clock: Clock;
  readonly log: Logger;
}

const RESCHEDULE_MS = 1_000;
const WORKERS = 8;

/** Plays KubeVirt on one machine: walks VMIs through its phases and makes each a guest. */
export class Runner {
  readonly #options: RunnerOptions;
  readonly #guests = new Map<string, Guest>();
  /** Guests that can be connected to. */
  readonly #up = new WeakSet<Guest>();
  readonly #reserved = new Map<string, number>();
  readonly #controller: Controller;
  readonly #stop = new AbortController();
  #running: Promise<void> = Promise.resolve();

  constructor(options: RunnerOptions) {
    this.#options = options;
    const { clock, log, vmis } = options;
    this.#controller = createController((key) => this.#reconcile(key), {
      name: 'runner',
      workers: WORKERS,
      clock,
      log,
      observe: () => undefined,
    });
    vmis.on(({ object }) => {
      this.#controller.enqueue(keyOf(object));
    });
  }

  async start(): Promise<void> {
    this.#options.vmis.start(this.#stop.signal);
    await this.#options.vmis.synced;
    this.#running = this.#controller.run(this.#stop.signal);
  }

  async stop(): Promise<void> {
    this.#stop.abort();
    await this.#running;
    const guests = [...this.#guests.values()];
    // What ends from here on was asked to.
    this.#guests.clear();
    await Promise.all(guests.map((guest) => guest.kill()));
  }

  async #reconcile(key: string): Promise<Result> {
    const vmi = this.#options.vmis.get(key);
    if (vmi === undefined) {
      await this.#kill(key);
    } else if (vmi.metadata.deletionTimestamp !== undefined) {
      if (this.#options.manners?.deletionsHang === true) return { requeueAfterMs: RESCHEDULE_MS };
      await this.#release(key, vmi);
    } else {
      const problem = this.#options.manners?.startProblem;
      const held = problem !== undefined && !this.#guests.has(key);
      return held ? this.#hold(vmi, problem) : this.#advance(key, vmi);
    }
    return {};
  }

  async #advance(key: string, vmi: Vmi): Promise<Result> {
    switch (phaseOf(vmi)) {
      case undefined:
      case 'Pending':
        return this.#schedule(key, vmi);
      case 'Scheduling':
        await this.#patch(vmi, enter(vmi, 'Scheduled', this.#now(), scheduledStatus()));
        return {};
      case 'Scheduled':
        await this.#boot(key, vmi);
        return {};
      case 'Running':
        // A runner that was started anew has none of the guests of the one before.
        if (!this.#guests.has(key)) await this.#fail(key, vmi, 'the guest is gone');
        return {};
      case 'Succeeded':
      case 'Failed':
        return {};
    }
  }

  async #hold(vmi: Vmi, { reason, message }: { reason: string; message: string }): Promise<Result> {
    const told = vmi.status?.conditions?.some((one) => one.message === message);
    const more = problemStatus(reason, message);
    if (told !== true) await this.#patch(vmi, enter(vmi, 'Pending', this.#now(), more), true);
    return { requeueAfterMs: RESCHEDULE_MS };
  }

  async #schedule(key: string, vmi: Vmi): Promise<Result> {
    const { driver } = this.#options;
    const bytes = bytesOf(vmi.spec.domain.memory?.guest ?? '128Mi') + driver.overheadBytes;
    const used = [...this.#reserved.values()].reduce((sum, one) => sum + one, 0);
    if (used + bytes > this.#options.memoryBytes) {
      const message = '0/1 nodes are available: 1 Insufficient memory.';
      const told = vmi.status?.conditions?.some(({ type }) => type === 'PodScheduled');
      const more = unschedulableStatus(message);
      if (told !== true) await this.#patch(vmi, enter(vmi, 'Pending', this.#now(), more), true);
      return { requeueAfterMs: RESCHEDULE_MS };
    }
    this.#reserved.set(key, bytes);
    await this.#patch(vmi, enter(vmi, 'Scheduling', this.#now(), { conditions: [] }), true);
    return {};
  }

  async #boot(key: string, vmi: Vmi): Promise<void> {
    const known = this.#guests.get(key);
    if (known !== undefined) {
      if (!this.#up.has(known)) return;
      await this.#patch(vmi, enter(vmi, 'Running', this.#now(), runningStatus(known.ipAddress)));
      return;
    }
    let guest: Guest;
    try {
      guest = await this.#options.driver.start(vmi);
    } catch (error) {
      await this.#fail(key, vmi, messageOf(error));
      return;
    }
    this.#guests.set(key, guest);
    void guest.ended.then((end) => this.#ended(key, end.detail));
    void guest.up.then(() => {
      this.#up.add(guest);
      this.#controller.enqueue(key);
    });
  }

  /** A guest that ended by itself does not come back: its VMI says so until it is deleted. */
  async #ended(key: string, detail: string): Promise<void> {
    const vmi = this.#options.vmis.get(key);
    if (!this.#guests.delete(key) || vmi === undefined) return;
    this.#options.log.warn('guest ended', { vm: key, detail });
    await this.#fail(key, vmi, detail).catch((error: unknown) => {
      this.#options.log.warn('status not written', { vm: key, error });
      this.#controller.enqueueAfter(key, RESCHEDULE_MS);
    });
  }

  async #fail(key: string, vmi: Vmi, detail: string): Promise<void> {
    this.#reserved.delete(key);
    await this.#patch(vmi, enter(vmi, 'Failed', this.#now(), endedStatus(detail)));
  }

  async #release(key: string, vmi: Vmi): Promise<void> {
    await this.#kill(key);
    const { finalizers = [] } = vmi.metadata;
    if (!finalizers.includes(KUBEVIRT_FINALIZER)) return;
    const before = phaseOf(vmi);
    const isOver = before === 'Succeeded' || before === 'Failed';
    const status = enter(vmi, before === 'Failed' ? 'Failed' : 'Succeeded', this.#now());
    if (this.#options.manners?.lifelike === true && !isOver) {
      await this.#write(vmi, { status });
      return;
    }
    const others = finalizers.filter((name) => name !== KUBEVIRT_FINALIZER);
    await this.#write(vmi, { metadata: { finalizers: others }, status });
  }

  async #kill(key: string): Promise<void> {
    const guest = this.#guests.get(key);
    this.#guests.delete(key);
    await guest?.kill();
    this.#reserved.delete(key);
  }

  #patch(vmi: Vmi, status: V1VirtualMachineInstanceStatus, first = false): Promise<void> {
    const finalizers = [...new Set([...(vmi.metadata.finalizers ?? []), KUBEVIRT_FINALIZER])];
    return this.#write(vmi, { status, ...(first ? { metadata: { finalizers } } : {}) });
  }

  /** Deleted meanwhile is no failure: the next event says so. */
  async #write(
    vmi: Vmi,
    patch: { readonly metadata?: object; readonly status: object },
  ): Promise<void> {
    const { namespace, name } = splitKey(keyOf(vmi));
    const { client, manners } = this.#options;
    const { resourceVersion } = vmi.metadata;
    const metadata = { ...patch.metadata, ...(manners?.lifelike === true && { resourceVersion }) };
    await client
      .patch({ resource: VMIS, namespace, name }, { ...patch, metadata }, { type: 'merge' })
      .catch((error: unknown) => {
        if ((error as { status?: unknown }).status !== 404) throw error;
      });
  }

  #now(): number {
    return this.#options.clock.now();
  }
}
