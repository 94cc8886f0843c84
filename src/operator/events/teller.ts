import type { Statement } from '../../api/conditions.ts';
import type { Function, OsvPool } from '../../api/types.ts';
import { newsOf } from '../../domain/events/news.ts';
import { keyOf, type Informer } from '../../runtime/kube.ts';
import type { Logger } from '../../runtime/log.ts';
import type { Vm } from '../vms/vm.ts';
import { EVENTS, type EventReason } from './reasons.ts';
import type { EventRecorder, Happening, Regarding } from './recorder.ts';

/** Functions of one application that are told of what happens to it. */
const MAX_FUNCTIONS = 10;
/** Objects whose last status is remembered. */
const KEPT = 10_000;

export interface TellerOptions {
  readonly recorder: Pick<EventRecorder, 'record'>;
  readonly functions: Pick<Informer<Function>, 'byIndex'>;
  readonly pools: Pick<Informer<OsvPool>, 'get'>;
  readonly log: Logger;
}

interface Status {
  readonly conditions?: readonly Statement[] | undefined;
  readonly replicas?: number | undefined;
}

/** Says in Events what happens to pools and to the Functions of applications. Never waited for. */
export class Teller {
  readonly #options: TellerOptions;
  /** As they were written last, by uid: what a cache shows may be older. */
  readonly #written = new Map<string, Status>();

  constructor(options: TellerOptions) {
    this.#options = options;
  }

  /** @param pool `namespace/name` */
  pool(pool: string, reason: EventReason, note: string): void {
    const object = this.#options.pools.get(pool);
    if (object !== undefined) this.#say('OsvPool', object, happeningOf(reason, note));
  }

  /** @param note without secrets of the application */
  application(id: string, reason: EventReason, note: string): void {
    for (const fn of this.#options.functions.byIndex('application', id).slice(0, MAX_FUNCTIONS)) {
      this.#say('Function', fn, happeningOf(reason, note));
    }
  }

  /** The node of a VM is being emptied. */
  evicted({ pool, binding }: Pick<Vm, 'pool' | 'binding'>): void {
    const note = 'its node is being emptied: a VM is replaced, and goes when nothing is in flight';
    this.pool(pool, 'VmEvicted', note);
    if (binding !== undefined) this.application(binding.application, 'VmEvicted', note);
  }

  /** A status was written: conditions that turned are told and logged. */
  wrote(kind: Regarding['kind'], object: OsvPool | Function, after: Status): void {
    const before = this.#replace(object.metadata.uid, after) ?? object.status ?? {};
    for (const news of newsOf(before.conditions ?? [], after.conditions ?? [])) {
      const { type, reason, action, note } = news;
      const level = type === 'Warning' ? 'warn' : 'info';
      this.#options.log[level]('condition turned', {
        ...{ kind, key: keyOf(object), condition: action, reason, detail: note },
      });
      this.#say(kind, object, news);
    }
    if (kind === 'Function') this.#scaled(object, before.replicas ?? 0, after.replicas ?? 0);
  }

  #scaled(fn: OsvPool | Function, from: number, to: number): void {
    if (from === to) return;
    this.#say('Function', fn, happeningOf('Scaled', `from ${from} to ${to} VMs`));
  }

  #replace(uid: string, after: Status): Status | undefined {
    const before = this.#written.get(uid);
    this.#written.delete(uid);
    this.#written.set(uid, { conditions: after.conditions, replicas: after.replicas });
    const [oldest] = this.#written.keys();
    if (this.#written.size > KEPT && oldest !== undefined) this.#written.delete(oldest);
    return before;
  }

  #say(kind: Regarding['kind'], { metadata }: OsvPool | Function, happening: Happening): void {
    const { name, namespace, uid } = metadata;
    this.#options.recorder.record({ kind, name, namespace, uid }, happening);
  }
}

function happeningOf(reason: EventReason, note: string): Happening {
  const { type, action } = EVENTS[reason];
  return { type, action, reason, note };
}
