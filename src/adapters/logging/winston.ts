import winston from 'winston';
import type { Fields, Logger } from '../../runtime/log.ts';
import { describeError } from './describe-error.ts';

export type LogFormat = 'json' | 'pretty';
export type LogLevel = 'debug' | 'info' | 'warn' | 'error';

/** Logs to standard error, so that standard output stays the program's own. */
export function createLogger(options: {
  readonly level: LogLevel;
  readonly format: LogFormat;
  readonly component: string;
}): Logger {
  const { combine, timestamp, json, printf } = winston.format;
  const logger = winston.createLogger({
    level: options.level,
    format:
      options.format === 'json'
        ? combine(timestamp(), json())
        : combine(timestamp({ format: 'HH:mm:ss.SSS' }), printf(pretty)),
    transports: [new winston.transports.Stream({ stream: process.stderr })],
  });
  return wrap(logger, { component: options.component });
}

function wrap(logger: winston.Logger, base: Fields): Logger {
  const write =
    (level: LogLevel) =>
    (message: string, fields: Fields = {}): void => {
      if (!logger.isLevelEnabled(level)) return;
      logger.log(level, message, plain({ ...base, ...fields }));
    };
  return {
    debug: write('debug'),
    info: write('info'),
    warn: write('warn'),
    error: write('error'),
    child: (fields) => wrap(logger, { ...base, ...fields }),
  };
}

/** Errors have no enumerable fields; without this they would be logged as `{}`. */
function plain(fields: Fields): Record<string, unknown> {
  const entries = Object.entries(fields);
  return Object.fromEntries(
    entries.map(([name, value]) => [name, value instanceof Error ? describeError(value) : value]),
  );
}

function pretty(info: winston.Logform.TransformableInfo): string {
  const { timestamp, level, message, component, ...rest } = info;
  const fields = Object.entries(rest).map(([name, value]) => `${name}=${textOf(value)}`);
  return [
    String(timestamp),
    level.toUpperCase().padEnd(5),
    String(component),
    String(message),
    ...fields,
  ].join(' ');
}

function textOf(value: unknown): string {
  return typeof value === 'string' ? value : JSON.stringify(value);
}
