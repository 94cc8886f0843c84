import { readFileSync } from 'node:fs';
import { join } from 'node:path';

const LINES = 8;

/** The last lines of a server's log, which say why it ended; the file itself may be gone in a moment. */
export function logTail(logs: string, name: string): string {
  try {
    return readFileSync(join(logs, `${name}.log`), 'utf8')
      .trimEnd()
      .split('\n')
      .slice(-LINES)
      .join('\n');
  } catch {
    return '';
  }
}
