import { Writable } from 'node:stream';
import type { Level, Log } from './log.ts';
import { currentScope } from './scope.ts';

const LEVELS: Readonly<Record<string, Level>> = {
  debug: 'debug',
  log: 'info',
  info: 'info',
  warn: 'warn',
  error: 'error',
  trace: 'error',
};

/** Level of the console method that is writing at this moment. */
let consoleLevel: Level | undefined;

/**
 * Turns what user code writes to console, `process.stdout` and `process.stderr`
 * into log lines that name function and request. One write is one line.
 */
export function captureConsole(log: Log): void {
  replaceStream('stdout', new Capture(log, 'info', 1));
  replaceStream('stderr', new Capture(log, 'error', 2));
  const methods = console as unknown as Record<string, (...args: unknown[]) => unknown>;
  for (const [name, level] of Object.entries(LEVELS)) {
    const original = methods[name];
    methods[name] = (...args) => {
      const before = consoleLevel;
      consoleLevel ??= level;
      try {
        return original?.apply(console, args);
      } finally {
        consoleLevel = before;
      }
    };
  }
}

class Capture extends Writable {
  readonly #log: Log;
  readonly #level: Level;
  /** Some logging libraries look for it and write there themselves. */
  readonly fd: number;

  constructor(log: Log, level: Level, fd: number) {
    super({ decodeStrings: false });
    this.#log = log;
    this.#level = level;
    this.fd = fd;
  }

  override _write(chunk: string | Buffer, _: BufferEncoding, done: () => void): void {
    const text = typeof chunk === 'string' ? chunk : chunk.toString('utf8');
    const message = text.endsWith('\n') ? text.slice(0, -1) : text;
    this.#log.line(consoleLevel ?? this.#level, message, scopeOfLine());
    done();
  }

  /** Like the real ones, these streams cannot be closed. */
  override _destroy(error: Error | null, done: (error: Error | null) => void): void {
    done(error);
  }
}

function scopeOfLine(): Readonly<Record<string, string>> {
  const scope = currentScope();
  return {
    source: 'function',
    ...(scope === undefined ? {} : { function: scope.fn.name }),
    ...(scope?.invocation === undefined ? {} : { requestId: scope.invocation.requestId }),
  };
}

function replaceStream(name: 'stdout' | 'stderr', stream: Writable): void {
  Object.defineProperty(process, name, { configurable: true, enumerable: true, value: stream });
}
