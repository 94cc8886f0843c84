import type { FunctionLoad } from '../../api/agent-protocol.ts';

/**
 * *starting*: asked for, or up without an agent that answers. *generic*: belongs
 * to nobody. *binding*: a bind was sent, its end is not known. *deleting*: its
 * deletion was asked for.
 */
export type Stage = 'starting' | 'generic' | 'binding' | 'bound' | 'draining' | 'deleting';

/** What a bind made of a VM. */
export interface Binding {
  /** Id of the application. */
  readonly application: string;
  readonly revision: string;
  readonly slots: number;
  /** Id of the key that the VM's token is derived from. */
  readonly tokenKey: string;
  /** Milliseconds since the epoch. */
  readonly boundAt: number;
  readonly functions: readonly FunctionLoad[];
}

/** The operator's knowledge of one VM. Replaced, never changed in place. */
export interface Vm {
  /** `namespace/name` of the VMI. */
  readonly key: string;
  readonly name: string;
  readonly namespace: string;
  readonly vmId: string;
  /** `namespace/name` of the pool. */
  readonly pool: string;
  readonly poolRevision: string;
  readonly stage: Stage;
  /** When the stage began, milliseconds since the epoch. */
  readonly since: number;
  readonly createdAt: number;
  /** Absent until the informer has shown the VMI. */
  readonly uid?: string;
  /** KubeVirt says that it runs, and where: `ip:port` of its agent. */
  readonly address?: string;
  /** Where KubeVirt says that it is now, as after a migration, until its agent has answered there. */
  readonly movedTo?: string | undefined;
  /** It did not answer when it was asked last. */
  readonly suspect?: boolean;
  /** Its node is being emptied: it is replaced, and then goes. */
  readonly leaving?: boolean;
  /** The API server has taken its deletion. */
  readonly terminating?: boolean;
  readonly node?: string | undefined;
  /** KubeVirt has begun to start it. */
  readonly launched?: boolean;
  readonly unschedulable?: string | undefined;
  /** Why KubeVirt does not start it, in its words. */
  readonly problem?: string | undefined;
  /** What KubeVirt says of its end. */
  readonly ending?: string | undefined;
  readonly binding?: Binding;
  /** Why it is being deleted. */
  readonly reason?: string;
}

/** Whether the VM belongs, or is about to belong, to an application. */
export function isTaken(vm: Vm): boolean {
  return vm.stage === 'binding' || vm.stage === 'bound' || vm.stage === 'draining';
}
