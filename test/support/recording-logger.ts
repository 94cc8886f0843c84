import type { Fields, Logger } from '../../src/runtime/log.ts';

export interface LogLine {
  readonly level: 'debug' | 'info' | 'warn' | 'error';
  readonly message: string;
  readonly fields: Fields;
}

/** A logger whose lines a test can read. */
export function recordingLogger(lines: LogLine[], base: Fields = {}): Logger {
  const write =
    (level: LogLine['level']) =>
    (message: string, fields: Fields = {}): void => {
      lines.push({ level, message, fields: { ...base, ...fields } });
    };
  return {
    debug: write('debug'),
    info: write('info'),
    warn: write('warn'),
    error: write('error'),
    child: (fields) => recordingLogger(lines, { ...base, ...fields }),
  };
}
