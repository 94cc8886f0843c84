import { fileTail } from '../../supervision/file-tail.ts';

const LONGEST = 200;

/** What a guest said last, for the person who asks why it ended; empty when it said nothing. */
export async function lastWords(consoleLog: string): Promise<string> {
  return significantLine(await fileTail(consoleLog));
}

/** The line that names a failure where there is one, otherwise the last that is no part of a backtrace. */
export function significantLine(text: string): string {
  const lines = text
    .split(/\r?\n/)
    .map((line) => line.trim())
    .filter((line) => line !== '' && !NOISE.test(line));
  const line = lines.findLast((one) => FAILURE.test(one)) ?? lines.at(-1) ?? '';
  return line.length > LONGEST ? `${line.slice(0, LONGEST - 1)}…` : line;
}

const NOISE =
  /^(\[backtrace\]|0x[0-9a-f]+|syscall\(\): unimplemented|getauxval\(\) stubbed|terminating on signal)/;
const FAILURE =
  /assertion failed|out of memory|page fault|fatal error|failed to load|aborted|exception/i;
