import { timeOf, transition, type Statement } from '../../api/conditions.ts';
import { LABELS } from '../../api/group.ts';
import type { FunctionStatus } from '../../api/types.ts';
import { applicationId, applicationOf } from '../../domain/application.ts';
import { redact } from '../../domain/redact.ts';
import type { Load } from '../../domain/scaling/load.ts';
import { functionConditions, type FunctionFacts } from './conditions.ts';

export interface FunctionStatusFacts extends Omit<FunctionFacts, 'remembered'> {
  readonly load: FunctionFacts['load'];
  readonly revision: string | undefined;
  readonly current: number;
  readonly demand: Load;
  readonly now: number;
}

/** Activity is told to ten seconds: a busy Function is not written every second. */
const ACTIVE_STEP_MS = 10_000;

export function functionStatus(facts: FunctionStatusFacts): FunctionStatus {
  const { fn, demand, now } = facts;
  const { name, namespace, generation = 0 } = fn.metadata;
  const application = applicationOf(fn);
  const before = fn.status ?? {};
  const active = demand.inFlight + demand.waiting > 0 || demand.rate > 0;
  const lastActiveTime = active
    ? timeOf(Math.floor(now / ACTIVE_STEP_MS) * ACTIVE_STEP_MS)
    : before.lastActiveTime;
  return {
    observedGeneration: generation,
    conditions: transition(before.conditions ?? [], conditionsOf(facts), generation, now),
    application: application.name,
    applicationId: applicationId(application),
    url: `/${namespace}/${name}/`,
    replicas: facts.vms,
    readyReplicas: facts.current,
    inFlight: demand.inFlight,
    waiting: demand.waiting,
    selector: `${LABELS.application}=${application.name},${LABELS.applicationNamespace}=${namespace}`,
    ...(facts.revision === undefined ? {} : { revision: facts.revision }),
    ...(lastActiveTime === undefined ? {} : { lastActiveTime }),
  };
}

/** Whatever their messages were made of: who may read a Function may not read its Secrets. */
function conditionsOf(facts: FunctionStatusFacts): Statement[] {
  const all = functionConditions({ ...facts, remembered: rememberedOf(facts) });
  return all.map((one) => ({ ...one, message: redact(one.message) }));
}

/** The status is the memory: what was seen of a revision counts when its VMs are gone, and the operator that saw it. */
function rememberedOf({ fn, revision }: FunctionStatusFacts): Statement | undefined {
  const { conditions = [], revision: before } = fn.status ?? {};
  if (revision === undefined || before !== revision) return undefined;
  const known = conditions.find(({ type }) => type === 'HandlerReady');
  if (known === undefined) return undefined;
  const { type, status, reason, message } = known;
  return { type, status, reason, message };
}
