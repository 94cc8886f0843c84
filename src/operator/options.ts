import type { Vmi } from '../api/kubevirt.ts';
import type { Function, OsvPool } from '../api/types.ts';
import type { HostPolicy } from '../domain/routing/policy.ts';
import type { Clock } from '../runtime/clock.ts';
import type { Informer, KubeClient } from '../runtime/kube.ts';
import type { Logger } from '../runtime/log.ts';
import type { Signer } from './agents/signer.ts';
import type { Tokens } from './agents/tokens.ts';
import type { ReferencedObjects } from './functions/references.ts';
import type { Resolve } from './sources/resolve.ts';
import type { ReadConsole } from './vms/last-words.ts';

export interface OperatorOptions {
  readonly client: KubeClient;
  readonly functions: Informer<Function>;
  readonly pools: Informer<OsvPool>;
  readonly vmis: Informer<Vmi>;
  readonly objects: ReferencedObjects;
  readonly signer: Signer;
  /** How long an agent may take to answer, all calls but the bind. */
  readonly agentCallMs: number;
  readonly tokens: Tokens;
  readonly resolve: Resolve;
  /** For VMs of pools whose consoles are kept. */
  readonly readConsole: ReadConsole;
  /** Who may claim which host; gateways must be given the same. */
  readonly hosts: HostPolicy;
  readonly clock: Clock;
  readonly log: Logger;
}
