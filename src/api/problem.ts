/** RFC 9457 problem documents: every error a client sees names component and reason. */

export const PROBLEM_CONTENT_TYPE = 'application/problem+json';

export type Component = 'gateway' | 'operator' | 'agent' | 'function';

export interface Problem {
  /** `urn:osv-faas:problem:<reason>`. */
  readonly type: string;
  readonly title: string;
  readonly status: number;
  readonly detail: string;
  readonly component: Component;
  /** Stable CamelCase word; the tables in docs/problems.md list them all. */
  readonly reason: string;
  readonly requestId: string;
}

export interface ProblemInput {
  readonly status: number;
  readonly component: Component;
  readonly reason: string;
  readonly detail: string;
  readonly requestId: string;
}

/** `QueueFull` becomes "Queue full": the title never varies for a reason (RFC 9457, 3.1.3). */
function titleOf(reason: string): string {
  const words = reason.replace(/([a-z0-9])([A-Z])/g, '$1 $2').toLowerCase();
  return words.charAt(0).toUpperCase() + words.slice(1);
}

export function problem(input: ProblemInput): Problem {
  return {
    type: `urn:osv-faas:problem:${input.reason}`,
    title: titleOf(input.reason),
    status: input.status,
    detail: input.detail,
    component: input.component,
    reason: input.reason,
    requestId: input.requestId,
  };
}
