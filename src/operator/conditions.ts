import type { Statement } from '../api/conditions.ts';
import type { Complaint } from '../domain/pool/ailment.ts';
import type { ClaimProblem } from '../domain/routing/claims.ts';
import type { SourceReason } from './sources/problem.ts';

/** Status and meaning of each reason of each condition: the one place that a reader and the reference need. */
export type ConditionTable = Readonly<
  Record<string, Readonly<Record<string, readonly [Statement['status'], string]>>>
>;

const ALL = 'every field of the spec is acted on';
const NOT_ALL = 'the message names fields that this version stores and does not act on';

type False<Reason extends string> = Readonly<Record<Reason, readonly ['False', string]>>;

const TERMINATING = [
  'False',
  'it is deleted, and its VMs take long to go, as on a lost node',
] as const;

const SOURCE_PROBLEMS: False<SourceReason> = {
  ConfigMapNotFound: ['False', 'there is no such ConfigMap in the namespace of the Function'],
  SecretNotFound: ['False', 'there is no such Secret in the namespace of the Function'],
  KeyNotFound: ['False', 'the ConfigMap or Secret has no such key'],
  ValueNotText: ['False', 'the value of a variable is not UTF-8'],
  ValueTooLong: ['False', 'the value of a variable is too long with its references filled in'],
  NetworkDenied: ['False', 'sources may not come from the network of that host'],
  HeaderInvalid: ['False', 'a key or value of spec.source.archive.secretRef is no header'],
  DownloadFailed: ['False', 'the archive was not answered, or not with 200'],
  DigestMismatch: ['False', 'what was downloaded is not what spec.source.archive.sha256 says'],
  ArchiveInvalid: ['False', 'the archive cannot be read'],
  UnpackFailed: ['False', 'the archive was not unpacked in time'],
  PathInvalid: ['False', 'a path leads out of its folder, or clashes with another'],
  SourceTooLarge: ['False', 'a budget of bytes, entries or depth is used up'],
  SourceEmpty: ['False', 'there is no file'],
};

const CLAIM_PROBLEMS: False<ClaimProblem['reason']> = {
  HostTaken: ['False', 'a Function of another namespace claimed the host earlier'],
  HostReserved: ['False', "the host is the gateway's own, or an address"],
  HostNotAllowed: ['False', 'the host is bound to other namespaces'],
  PathTaken: ['False', 'a Function of another namespace claimed the path earlier'],
  RouteConflict: ['False', 'an older Function of the namespace makes the same claim'],
};

export const FUNCTION_CONDITIONS = {
  Ready: {
    Available: ['True', 'requests are answered; otherwise status and reason of what is in the way'],
    VmsTerminating: TERMINATING,
  },
  SourceReady: {
    Resolved: ['True', 'the code was read'],
    Reading: ['Unknown', 'the source is being read'],
    PoolNotReady: ['Unknown', 'the source is read when the pool may be used'],
    ...SOURCE_PROBLEMS,
  },
  PoolReady: {
    Admitted: ['True', 'the pool may be used'],
    PoolNotFound: ['False', 'there is no such OsvPool'],
    NamespaceNotAllowed: ['False', "the pool's allowedNamespaces leave out the Function's"],
  },
  HandlerReady: {
    Loaded: ['True', 'a VM has loaded the handler'],
    NotLoadedYet: ['Unknown', 'no VM has loaded it yet; the first request does'],
    LoadFailed: ['False', 'a VM could not load it; agents have further reasons'],
    BindFailing: ['False', 'VMs are lost to its code, one after the other; the message says how'],
  },
  Routed: {
    Routed: ['True', 'every gateway knows it'],
    NoGateway: ['Unknown', 'no gateway is connected to the operator'],
    GatewaysBehind: ['Unknown', 'some gateways do not know it as it is now'],
    ...CLAIM_PROBLEMS,
  },
  Scaling: {
    Satisfied: ['True', 'as many VMs as are needed'],
    ScaledToZero: ['True', 'no VM until a request comes'],
    AtMaximum: ['True', 'spec.scaling.max is reached'],
    WaitingForPool: ['False', 'more VMs are needed than the pool has ready'],
  },
  SpecSupported: {
    Supported: ['True', ALL],
    WithoutEffect: ['False', 'the message names a field that means nothing for this runtime'],
    NotYetActedOn: ['False', NOT_ALL],
  },
} as const satisfies ConditionTable;

const VM_PROBLEMS: False<Complaint['reason']> = {
  VmiRefused: ['False', 'KubeVirt takes no VM as the pool describes it; the message has its words'],
  StartFailing: ['False', "KubeVirt does not start VMs; the message has KubeVirt's words"],
  GuestFailing: ['False', 'VMs do not come up; the message has the last lines of a console'],
  GuestOutOfMemory: ['False', "a guest ran out of its memory; the message has a console's words"],
};

export const POOL_CONDITIONS = {
  Ready: {
    Warm: ['True', 'VMs wait, or none is to wait'],
    Warming: ['False', 'no VM has come up yet'],
    VmsTerminating: TERMINATING,
  },
  Progressing: {
    Refilling: ['True', 'VMs are being started'],
    RollingOut: ['True', 'VMs of an older revision, or of a node that is emptied, are replaced'],
    Settled: ['False', 'as many VMs wait as should'],
    CreateRefused: ['False', 'the API server takes no VMs; the message has its words'],
    MaxVms: ['False', 'spec.maxVms is reached'],
    Unschedulable: ['False', 'no further VMs are started while one finds no node'],
    ...VM_PROBLEMS,
  },
  VmsHealthy: {
    Healthy: ['True', 'VMs come up, and none ran out of memory lately'],
    ...VM_PROBLEMS,
  },
  Schedulable: {
    Scheduled: ['True', 'every VM found a node'],
    Unschedulable: ['False', "VMs wait for a node; the message has the scheduler's words"],
  },
  SpecSupported: {
    Supported: ['True', ALL],
    NotYetActedOn: ['False', NOT_ALL],
  },
} as const satisfies ConditionTable;

/** States what a table declares: no condition has a reason that is not written down, or another status. */
export function statementsOf<Table extends ConditionTable>(table: Table) {
  return <Type extends keyof Table & string>(
    type: Type,
    reason: keyof Table[Type] & string,
    message: string,
  ): Statement => {
    const [status] = table[type]?.[reason] ?? ['Unknown'];
    return { type, status, reason, message };
  };
}
