import { join } from 'node:path';
import { fileTail } from './file-tail.ts';

const LINES = 8;

/** The last lines of a server's log, which say why it ended; the file itself may be gone in a moment. */
export async function logTail(logs: string, name: string): Promise<string> {
  const text = await fileTail(join(logs, `${name}.log`));
  return text.trimEnd().split('\n').slice(-LINES).join('\n');
}
