/**
 * How one attempt at a VM failed before any part of an answer was passed on. Its `detail` may hold
 * addresses and what the VM said: it is for logs.
 */
export type AttemptFailure =
  /** No connection: refused, reset or timed out before a byte was sent. */
  | { readonly kind: 'connect'; readonly detail: string; readonly timedOut: boolean }
  /** The connection broke after the request, or a part of it, was sent. */
  | { readonly kind: 'lost'; readonly detail: string }
  /** What came back is no HTTP that can be passed on. */
  | { readonly kind: 'invalid'; readonly detail: string }
  /** Nothing came back in time. */
  | { readonly kind: 'silent'; readonly detail: string; readonly total: boolean }
  /** The agent refused: no function saw the request. */
  | { readonly kind: 'refused'; readonly reason: string };

/** What happens to the VM: nothing, a rest, none before it has answered, it counts as full, or as one without the function. */
export type VmConsequence = 'none' | 'strike' | 'silent' | 'full' | 'lacks';

export interface Verdict {
  /** Send the request to another VM, or to this one later. */
  readonly retry: boolean;
  /** Counts against the bound of attempts. A full VM does not: the queue's time bounds that. */
  readonly counts: boolean;
  readonly vm: VmConsequence;
  /** Tell the operator, with this word. */
  readonly suspect: boolean;
  readonly word: string;
  /** What the client gets when there is no retry. */
  readonly problem: FailureProblem;
}

export interface FailureProblem {
  readonly status: number;
  readonly reason: string;
  /** Says no more than the reason does. */
  readonly detail: string;
  /** For logs. */
  readonly cause: string;
}

/** Refusals of an agent after which another VM may take the request. */
const RETRYABLE: ReadonlySet<string> = new Set([
  'SlotsFull',
  'Draining',
  'VmBroken',
  'NotBound',
  'Binding',
  'TokenInvalid',
  'FunctionUnknown',
]);

/** The VM was bound before the function belonged to its application. */
const LACKS = 'FunctionUnknown';

/** Whether an answer with this `osv-faas-error` is a refusal to try elsewhere, not an answer to pass on. */
export function isRefusal(status: number, reason: string | undefined): boolean {
  if (reason === undefined || !RETRYABLE.has(reason)) return false;
  if (status === 404) return reason === LACKS;
  return status === 429 || status === 503 || status === 409 || status === 401;
}

/** What clients are told: nothing that comes from a VM or from the network (docs/problems.md). */
const STRIKES = {
  ConnectFailed: { status: 502, detail: 'No VM of the application could be connected to.' },
  ConnectTimeout: {
    status: 504,
    detail: 'No VM of the application accepted a connection in time.',
  },
  ConnectionLost: {
    status: 502,
    detail: 'The VM broke the connection before it answered; the function may have run.',
  },
  AnswerInvalid: { status: 502, detail: 'The VM answered with something that is no HTTP.' },
  FirstByteTimeout: { status: 504, detail: 'The VM did not begin to answer in time.' },
  TotalTimeout: { status: 504, detail: 'The VM did not answer within the time of the function.' },
} as const;

/** Only what no function can have seen is sent again. */
export function judge(failure: AttemptFailure): Verdict {
  switch (failure.kind) {
    case 'connect':
      return strike(true, failure.timedOut ? 'ConnectTimeout' : 'ConnectFailed', failure.detail);
    case 'lost':
      return strike(false, 'ConnectionLost', failure.detail);
    case 'invalid':
      return strike(false, 'AnswerInvalid', failure.detail);
    case 'silent':
      return strike(false, failure.total ? 'TotalTimeout' : 'FirstByteTimeout', failure.detail);
    case 'refused':
      return refused(failure.reason);
  }
}

/** Nothing came back in time: whatever keeps the VM busy keeps it from the next request too. */
const SILENCES: ReadonlySet<string> = new Set([
  'ConnectTimeout',
  'FirstByteTimeout',
  'TotalTimeout',
]);

function strike(retry: boolean, reason: keyof typeof STRIKES, cause: string): Verdict {
  const problem = { ...STRIKES[reason], reason, cause };
  const vm = SILENCES.has(reason) ? 'silent' : 'strike';
  return { retry, counts: true, vm, suspect: true, word: reason, problem };
}

const CONSEQUENCES: Readonly<Record<string, VmConsequence>> = {
  SlotsFull: 'full',
  [LACKS]: 'lacks',
};

function refused(reason: string): Verdict {
  const vm = CONSEQUENCES[reason] ?? 'strike';
  return {
    retry: true,
    counts: vm === 'strike',
    vm,
    // A VM that drains or is being bound does what the operator told it to do.
    suspect: reason === 'VmBroken' || reason === 'NotBound' || reason === 'TokenInvalid',
    word: reason,
    problem: {
      status: 503,
      reason: 'VmsRefused',
      // One of our own words: see RETRYABLE.
      detail: `No VM took the request; the last one said ${reason}.`,
      cause: '',
    },
  };
}
