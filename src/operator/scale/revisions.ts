import type { FunctionLoad } from '../../api/agent-protocol.ts';
import type { Logger } from '../../runtime/log.ts';
import type { ApplicationRecord, ApplicationRegistry } from '../applications/registry.ts';
import type { Teller } from '../events/teller.ts';
import type { Fleet } from '../vms/fleet.ts';
import type { Vm } from '../vms/vm.ts';

export interface RevisionsOptions {
  readonly registry: ApplicationRegistry;
  readonly fleet: Fleet;
  readonly teller: Pick<Teller, 'application'>;
  readonly log: Logger;
}

/** Judges a revision by how it loads: one that does not never replaces one that does. */
export class Revisions {
  readonly #options: RevisionsOptions;

  constructor(options: RevisionsOptions) {
    this.#options = options;
  }

  /** Whether a VM that has loaded it like that is to serve. */
  takes(record: ApplicationRecord, loads: readonly FunctionLoad[]): boolean {
    const { registry, teller, log } = this.#options;
    const { id, bundle } = record;
    const broken = loads.find((load) => load.state === 'failed');
    if (broken === undefined) {
      registry.confirm(id, bundle.revision);
      return true;
    }
    if (!this.#goesBack(record, loads, broken)) return true;
    const { name, reason = 'LoadFailed', detail = '' } = broken;
    log.warn('new revision rejected', { application: id, function: name, reason, detail });
    teller.application(id, 'RevisionRejected', `${bundle.revision}: ${name}: ${reason}: ${detail}`);
    return false;
  }

  /**
   * Whether the revision before goes on serving: its code is known, or, since an operator forgets that when
   * it ends, VMs that run it are there.
   */
  #goesBack(
    { id, bundle: { revision } }: ApplicationRecord,
    loads: readonly FunctionLoad[],
    { reason = 'LoadFailed', detail = 'the module did not load' }: FunctionLoad,
  ): boolean {
    const { registry, fleet } = this.#options;
    if (registry.reject(id, revision, loads)) return true;
    if (!fleet.ofApplication(id).some((vm) => serves(vm, revision))) return false;
    registry.refuse(id, revision, { reason, detail, whileServed: true });
    return true;
  }
}

/** Whether it serves with another revision than this one. */
function serves({ stage, binding }: Vm, revision: string): boolean {
  if (stage !== 'bound' || binding === undefined || binding.revision === revision) return false;
  return binding.functions.every(({ state }) => state !== 'failed');
}
