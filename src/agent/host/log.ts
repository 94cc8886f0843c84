import { writeSync } from 'node:fs';

export type Level = 'debug' | 'info' | 'warn' | 'error';

/** Log lines of the agent and of captured consoles: one JSON object each, on stdout. */
export interface Log {
  info(message: string, fields?: Readonly<Record<string, unknown>>): void;
  error(message: string, fields?: Readonly<Record<string, unknown>>): void;
  /** A line of user code's. */
  line(level: Level, message: string, fields: Readonly<Record<string, unknown>>): void;
}

/** Where lines go. */
export type LineSink = (line: string) => void;

/**
 * Makes a log whose messages end after `maxCharacters`. Lines are written at
 * once and whole: a VM that dies has said its last word.
 */
export function createLog(
  maxCharacters: number,
  sink: LineSink = stdoutSink,
  now: () => Date = () => new Date(),
): Log {
  const line: Log['line'] = (level, message, fields) => {
    const bounded = bound(message, maxCharacters);
    const error = fields['error'];
    sink(
      `${JSON.stringify({
        time: now().toISOString(),
        level,
        ...fields,
        message: bounded,
        ...(error === undefined
          ? {}
          : { error: bound(stackOf(error, maxCharacters), maxCharacters) }),
      })}\n`,
    );
  };
  return {
    line,
    info(message, fields = {}) {
      line('info', message, { source: 'agent', ...fields });
    },
    error(message, fields = {}) {
      line('error', message, { source: 'agent', ...fields });
    },
  };
}

function bound(text: string, max: number): string {
  return text.length <= max ? text : `${text.slice(0, max)}… ${text.length - max} characters cut`;
}

/** Causes that are printed of an error, near ones first; user code may make a ring or a tree of them. */
const MAX_CAUSES = 5;

/** The error with what caused it, each cut after `max` characters. Never throws, whatever user code has thrown. */
function stackOf(error: unknown, max: number): string {
  const parts: string[] = [];
  const all = new Set([error]);
  for (const one of all) {
    parts.push(bound(ownStack(one), max));
    if (parts.length > MAX_CAUSES) break;
    for (const cause of causesOf(one)) all.add(cause);
  }
  return parts.join('\ncaused by: ');
}

function ownStack(error: unknown): string {
  try {
    const stack = error instanceof Error ? error.stack : undefined;
    return typeof stack === 'string' ? stack : String(error);
  } catch {
    return 'an error that cannot be printed';
  }
}

/** An error that stands for several, as of a connection that was tried at two addresses, has as many causes. */
function causesOf(error: unknown): readonly unknown[] {
  try {
    if (!(error instanceof Error)) return [];
    const several =
      error instanceof AggregateError ? (error.errors as unknown[]).slice(0, MAX_CAUSES) : [];
    return error.cause === undefined ? several : [error.cause, ...several];
  } catch {
    return [];
  }
}

let lost = 0;

/** A console that takes no more (EAGAIN, closed pipe) loses lines, never the VM; the next line says how many. */
function stdoutSink(text: string): void {
  const before = lost === 0 ? '' : `{"level":"warn","message":"${lost} lines lost"}\n`;
  let rest = Buffer.from(before + text);
  try {
    while (rest.length > 0) {
      rest = rest.subarray(writeSync(1, rest));
    }
    lost = 0;
  } catch {
    lost += 1;
  }
}
