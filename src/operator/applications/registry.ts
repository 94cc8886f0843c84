import type { FunctionLoad } from '../../api/agent-protocol.ts';
import type { Function } from '../../api/types.ts';
import {
  applicationId,
  applicationOf,
  poolKey,
  settingsOf,
  type ApplicationSettings,
} from '../../domain/application.ts';
import { canonical } from '../../domain/vmi/revision.ts';
import { keyOf } from '../../runtime/kube.ts';
import { bundleOf, type Bundle, type ResolvedFunction } from '../bind/bundle.ts';

/** Why a Function or an application cannot be served. */
export interface Blocked {
  readonly reason: string;
  readonly detail: string;
  /** VMs that serve it nevertheless are drained: it may not use the pool (any more). */
  readonly evict?: boolean;
  /** Nothing is wrong yet: what waits goes on waiting. */
  readonly pending?: boolean;
  /** Counts as long as VMs of an earlier revision serve; without them it is better tried again. */
  readonly whileServed?: boolean;
}

/** A Function that can be served: its pool admits it and its source is at hand. */
export interface Member {
  readonly fn: Function;
  readonly resolved: ResolvedFunction;
}

interface BlockedMember {
  readonly fn: Function;
  readonly why: Blocked;
}

export interface ApplicationRecord {
  readonly id: string;
  /** `namespace/name` of the pool. */
  readonly pool: string;
  readonly members: ReadonlyMap<string, Member>;
  readonly settings: ApplicationSettings;
  /** What its VMs should run. */
  readonly bundle: Bundle;
  /** The last bundle whose functions all loaded. */
  readonly good?: Bundle;
  /** A revision that did not load although the one before did: not tried again. */
  readonly rejection?: { readonly revision: string; readonly functions: readonly FunctionLoad[] };
  readonly blocked?: Blocked | undefined;
  /** VMs are lost to what they should run, one after the other; one is tried now and then. */
  readonly trouble?: Blocked | undefined;
}

export type RegistryListener = (id: string) => void;

/**
 * The applications that Functions make up, and what each one's VMs should run.
 * Listeners hear of what has changed, and of nothing else (invariant I9).
 */
export class ApplicationRegistry {
  readonly #records = new Map<string, ApplicationRecord>();
  /** Functions that cannot be served, by application. */
  readonly #blocked = new Map<string, Map<string, BlockedMember>>();
  readonly #applicationByFunction = new Map<string, string>();
  readonly #listeners: RegistryListener[] = [];

  on(listener: RegistryListener): void {
    this.#listeners.push(listener);
  }

  get(id: string): ApplicationRecord | undefined {
    return this.#records.get(id);
  }

  all(): readonly ApplicationRecord[] {
    return [...this.#records.values()];
  }

  /** Whether any Function belongs to the application, served or not. */
  isClaimed(id: string): boolean {
    return this.#records.has(id) || this.#blocked.has(id);
  }

  /** Why an application without record is not served. */
  blockedBy(id: string): Blocked | undefined {
    return this.#blocked.get(id)?.values().next().value?.why;
  }

  /** Why this function of an application gets no VM though others of it may. */
  obstacleTo(id: string, functionName: string): Blocked | undefined {
    const record = this.#records.get(id);
    for (const { fn, why } of this.#blocked.get(id)?.values() ?? []) {
      if (fn.metadata.name === functionName) return why;
    }
    if (record === undefined || record.bundle.names.has(functionName)) return undefined;
    return notInBundle(record, functionName);
  }

  /** What its Functions ask for, served or not; undefined without any. */
  settingsOf(id: string): ApplicationSettings | undefined {
    const blocked = [...(this.#blocked.get(id)?.values() ?? [])];
    const served = this.#records.get(id)?.settings;
    return served ?? (blocked.length === 0 ? undefined : settingsOf(blocked.map(({ fn }) => fn)));
  }

  /** The Function can be served as `resolved`. */
  put(fn: Function, resolved: ResolvedFunction): void {
    const key = keyOf(fn);
    const id = this.#claim(fn);
    this.#unblock(id, key);
    const record = this.#records.get(id);
    if (isSameMember(record?.members.get(key), { fn, resolved })) return;
    this.#rebuild(id, new Map(record?.members).set(key, { fn, resolved }));
  }

  /** The Function cannot be served, and what it served before does not either. */
  block(fn: Function, why: Blocked): void {
    const key = keyOf(fn);
    const id = this.#claim(fn);
    const blocked = this.#blocked.get(id) ?? new Map<string, BlockedMember>();
    const before = blocked.get(key);
    const generation = before?.fn.metadata.generation;
    const isNews = generation !== fn.metadata.generation || !isSameBlock(before?.why, why);
    this.#blocked.set(id, blocked.set(key, { fn, why }));
    if (!this.#drop(id, key) && isNews) this.#tell(id);
  }

  remove(key: string): void {
    const id = this.#applicationByFunction.get(key);
    if (id === undefined) return;
    this.#applicationByFunction.delete(key);
    const wasBlocked = this.#unblock(id, key);
    if (!this.#drop(id, key) && wasBlocked) this.#tell(id);
  }

  /** A bundle that no agent takes: back to the one that loaded; without one nothing is bound until it changes. */
  refuse(id: string, revision: string, blocked: Blocked): void {
    const record = this.#records.get(id);
    if (record?.bundle.revision !== revision) return;
    const functions = [...record.members.values()].map(({ fn }): FunctionLoad => ({
      name: fn.metadata.name,
      state: 'failed',
      ...blocked,
    }));
    if (!this.reject(id, revision, functions)) this.#set({ ...record, blocked });
  }

  /** VMs that were given this revision were lost again and again. */
  worry(id: string, revision: string, trouble: Blocked): void {
    const record = this.#records.get(id);
    if (record?.bundle.revision === revision) this.#set({ ...record, trouble });
  }

  /** All functions of this revision have loaded in a VM. */
  confirm(id: string, revision: string): void {
    const record = this.#records.get(id);
    if (record?.bundle.revision !== revision) return;
    if (record.good === record.bundle && record.trouble === undefined) return;
    this.#set({ ...record, good: record.bundle, blocked: undefined, trouble: undefined });
  }

  /**
   * A revision that does not load: back to the one that did, if there is one;
   * the newer is not tried again. Answers whether there is.
   */
  reject(id: string, revision: string, functions: readonly FunctionLoad[]): boolean {
    const record = this.#records.get(id);
    const good = record?.good;
    if (record?.bundle.revision !== revision || good === undefined) return false;
    if (good.revision === revision) return false;
    this.#set({ ...record, bundle: good, rejection: { revision, functions } });
    return true;
  }

  /** A Function may not change its application, but its pool: the old application loses it. */
  #claim(fn: Function): string {
    const key = keyOf(fn);
    const id = applicationId(applicationOf(fn));
    const before = this.#applicationByFunction.get(key);
    if (before !== undefined && before !== id) this.remove(key);
    this.#applicationByFunction.set(key, id);
    return id;
  }

  #unblock(id: string, key: string): boolean {
    const blocked = this.#blocked.get(id);
    const was = blocked?.delete(key) ?? false;
    if (blocked?.size === 0) this.#blocked.delete(id);
    return was;
  }

  /** Answers whether the Function was a member. */
  #drop(id: string, key: string): boolean {
    const members = new Map(this.#records.get(id)?.members);
    if (!members.delete(key)) return false;
    this.#rebuild(id, members);
    return true;
  }

  #rebuild(id: string, members: ReadonlyMap<string, Member>): void {
    const list = [...members.values()];
    const [first] = list;
    if (first === undefined) {
      this.#records.delete(id);
      this.#tell(id);
      return;
    }
    const application = applicationOf(first.fn);
    const settings = settingsOf(list.map((member) => member.fn));
    const bundle = bundleOf(
      { id, namespace: application.namespace },
      list.map((member) => member.resolved),
      settings.slots,
    );
    const before = this.#records.get(id);
    const kept = before?.good === undefined ? {} : { good: before.good };
    const record = { id, pool: poolKey(application), members, settings, bundle, ...kept };
    if (before?.rejection?.revision === bundle.revision) {
      this.#set({ ...record, bundle: before.bundle, rejection: before.rejection });
    } else {
      this.#set({ ...record, ...obstaclesOf(before, bundle) });
    }
  }

  #set(record: ApplicationRecord): void {
    const before = this.#records.get(record.id);
    this.#records.set(record.id, record);
    if (before === undefined || !isSameRecord(before, record)) this.#tell(record.id);
  }

  #tell(id: string): void {
    for (const listener of this.#listeners) listener(id);
  }
}

/** What stood in the way of this very revision still does. */
function obstaclesOf(
  before: ApplicationRecord | undefined,
  { revision }: Bundle,
): Pick<ApplicationRecord, 'blocked' | 'trouble'> {
  if (before?.bundle.revision !== revision) return {};
  return { blocked: before.blocked, trouble: before.trouble };
}

/** Of a revision that was rejected the one that failed is named; a Function that is not known yet may come. */
function notInBundle({ rejection }: ApplicationRecord, functionName: string): Blocked {
  const failed = rejection?.functions.filter(({ state }) => state === 'failed') ?? [];
  const load = failed.find(({ name }) => name === functionName) ?? failed[0];
  if (load === undefined) {
    const detail = `the operator knows no Function ${functionName} of the application yet`;
    return { reason: 'FunctionUnknown', detail, pending: true };
  }
  const { reason = 'LoadFailed', detail = 'the module did not load' } = load;
  return { reason, detail };
}

/** What was read of the same generation is the same object while nothing else has changed. */
function isSameMember(before: Member | undefined, after: Member): boolean {
  const [was, is] = [before?.fn.metadata, after.fn.metadata];
  return (
    before?.resolved === after.resolved && was?.uid === is.uid && was.generation === is.generation
  );
}

function isSameBlock(before: Blocked | undefined, after: Blocked | undefined): boolean {
  return canonical(before ?? null) === canonical(after ?? null);
}

function isSameRecord(before: ApplicationRecord, after: ApplicationRecord): boolean {
  return (
    before.bundle.revision === after.bundle.revision &&
    before.rejection?.revision === after.rejection?.revision &&
    isSameBlock(before.blocked, after.blocked) &&
    isSameBlock(before.trouble, after.trouble) &&
    canonical(before.settings) === canonical(after.settings)
  );
}
