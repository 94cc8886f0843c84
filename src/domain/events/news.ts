import type { Statement } from '../../api/conditions.ts';

/** A condition that has turned, and that somebody wants to hear of. */
export interface News {
  readonly type: 'Normal' | 'Warning';
  readonly reason: string;
  /** The condition's type. */
  readonly action: string;
  readonly note: string;
}

/** False, and nothing is wrong. */
const FINE: ReadonlySet<string> = new Set(['Settled', 'Warming']);

/** `Ready` of a Function repeats what is in its way; of a pool the others say what keeps VMs from it. */
const TOLD: ReadonlySet<string> = new Set(['Ready', 'Progressing', 'VmsHealthy', 'Scaling']);

/** What is news in `after` to who knows `before`: a reason that is in the way, and that nothing is any more. */
export function newsOf(before: readonly Statement[], after: readonly Statement[]): News[] {
  return after.flatMap((now) => {
    const was = before.find(({ type }) => type === now.type);
    const typeOf = TOLD.has(now.type) ? worth(now) : undefined;
    if (typeOf === undefined || was?.reason === now.reason) return [];
    return [{ type: typeOf, reason: now.reason, action: now.type, note: now.message }];
  });
}

function worth({ type, status, reason }: Statement): News['type'] | undefined {
  if (status === 'True') return type === 'Ready' ? 'Normal' : undefined;
  return status === 'False' && !FINE.has(reason) ? 'Warning' : undefined;
}
