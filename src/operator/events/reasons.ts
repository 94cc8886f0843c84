/** What an Event says that follows from no condition; the one place that a reader and the reference need. */
export const EVENTS = {
  VmLost: {
    type: 'Warning',
    action: 'Replace',
    on: 'OsvPool, Function',
    means: 'a VM that was up has ended, or did not answer any more; the message says why',
  },
  VmNotStarted: {
    type: 'Warning',
    action: 'Start',
    on: 'OsvPool',
    means:
      'a VM ended before it was ready, or was not ready in time; the message has the last lines of its console',
  },
  VmEvicted: {
    type: 'Normal',
    action: 'Replace',
    on: 'OsvPool, Function',
    means: 'its node is being emptied: a VM is replaced, and goes when nothing is in flight',
  },
  BindFailed: {
    type: 'Warning',
    action: 'Bind',
    on: 'Function',
    means: 'a VM was lost to a bind; the application waits a while, and another VM is tried',
  },
  BindRefused: {
    type: 'Warning',
    action: 'Bind',
    on: 'Function',
    means: 'no VM takes the bundle; nothing is bound until it changes',
  },
  RevisionRejected: {
    type: 'Warning',
    action: 'Bind',
    on: 'Function',
    means: 'a new revision does not load; the one before goes on serving',
  },
  Scaled: {
    type: 'Normal',
    action: 'Scale',
    on: 'Function',
    means: 'the number of its VMs changed',
  },
} as const satisfies Readonly<Record<string, EventKind>>;

export interface EventKind {
  readonly type: 'Normal' | 'Warning';
  /** What was done about it. */
  readonly action: string;
  /** Kinds of objects. */
  readonly on: string;
  readonly means: string;
}

export type EventReason = keyof typeof EVENTS;
