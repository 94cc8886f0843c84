import { lastLines } from '../../domain/pool/console.ts';
import { fileTail } from '../supervision/file-tail.ts';

/** How a guest ended, with what it said last, for the person who asks why. */
export async function detailOf(how: string, consoleLog: string): Promise<string> {
  const words = lastLines(await fileTail(consoleLog));
  return words === '' ? how : `${how}; the last of its console: ${words}`;
}
