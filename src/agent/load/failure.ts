/** Why a function cannot be called; goes into state, bind answer and condition. */
export type LoadReason = 'HandlerNotFound' | 'ModuleNotFound' | 'SyntaxError' | 'LoadFailed';

/** Of a longer text the begin is told: the operator takes no answer without bounds. */
const MAX_DETAIL = 2_000;

export class LoadFailure extends Error {
  readonly reason: LoadReason;

  constructor(reason: LoadReason, detail: string, cause?: unknown) {
    super(detail.slice(0, MAX_DETAIL), { cause });
    this.reason = reason;
  }

  /** Keeps a LoadFailure as it is; anything else becomes `LoadFailed`. */
  static from(error: unknown): LoadFailure {
    return error instanceof LoadFailure
      ? error
      : new LoadFailure('LoadFailed', describe(error), error);
  }
}

/** `TypeError: text`, for whatever may be thrown in JavaScript. */
export function describe(error: unknown): string {
  if (error instanceof Error) {
    return `${error.name}: ${error.message}`;
  }
  try {
    return `a thrown ${typeof error}: ${String(error)}`;
  } catch {
    return `a thrown ${typeof error}`;
  }
}
