import { ranOutOfMemory } from './console.ts';

export interface Complaint {
  readonly reason: 'VmiRefused' | 'StartFailing' | 'GuestFailing' | 'GuestOutOfMemory';
  readonly message: string;
  /** It keeps VMs from coming up. */
  readonly atStart: boolean;
}

/** @param problem in KubeVirt's words */
export function notStartedBy(problem: string): Complaint {
  return {
    reason: 'StartFailing',
    message: `KubeVirt does not start VMs: ${problem}`,
    atStart: true,
  };
}

/** @param words of KubeVirt, asked for a VM of the pool as it is now */
export function refusedWith(words: string): Complaint {
  return { reason: 'VmiRefused', message: words, atStart: true };
}

/** A VM of an application that ran out of memory is remembered for so long. */
const REMEMBERED_MS = 600_000;

/** What ails the guests of one pool: since they do not come up, or since one ended for want of memory. */
export class Ailment {
  #start: Complaint | undefined;
  #memory: { readonly complaint: Complaint; readonly until: number } | undefined;

  /**
   * A VM was lost before it was ready.
   * @param why with the last lines of its console
   * @param problem KubeVirt's, where it had no guest yet
   */
  notStarted(why: string, problem?: string): void {
    if (problem !== undefined) {
      this.#start = notStartedBy(problem);
      return;
    }
    const reason = ranOutOfMemory(why) ? 'GuestOutOfMemory' : 'GuestFailing';
    this.#start = { reason, message: `a VM did not come up: ${why}`, atStart: true };
  }

  /** One is ready: others will be. */
  started(): void {
    this.#start = undefined;
  }

  /** A VM that was up ended. @param why not shown where it is of a tenant's making; @param memory of a guest */
  ended(why: string, memory: string, now: number): void {
    if (!ranOutOfMemory(why)) return;
    const message = `a VM that was up ran out of its ${memory} of memory`;
    const complaint = { reason: 'GuestOutOfMemory', message, atStart: false } as const;
    this.#memory = { complaint, until: now + REMEMBERED_MS };
  }

  complaint(now: number): Complaint | undefined {
    if (this.#start !== undefined) return this.#start;
    return this.againAfterMs(now) === undefined ? undefined : this.#memory?.complaint;
  }

  /** Until what is remembered is forgotten. */
  againAfterMs(now: number): number | undefined {
    const leftMs = (this.#memory?.until ?? 0) - now;
    return leftMs > 0 ? leftMs : undefined;
  }
}
