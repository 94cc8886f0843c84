const LINES = 5;
const MOST_CHARS = 600;

/** Of a backtrace, of a dump of registers, or said by every guest: they name nothing. */
const NOISE =
  /^(\[(backtrace|registers)\]|0x[0-9a-f]+|R[A-Z0-9]{1,2}: (0x)?[0-9a-f]+$|at |syscall\(\): unimplemented|getauxval\(\) stubbed|terminating on signal)/;
const FAILURE =
  /assertion failed|out of memory|page fault|error|failed to load|aborted|exception|killed/i;
/** What kernels, runtimes and drivers write when memory is used up. */
const OUT_OF_MEMORY =
  /out of memory|OutOfMemoryError|bad_alloc|cannot allocate memory|could not reserve enough space|\bENOMEM\b/i;

/**
 * What a console says last, without what only a terminal understands, as one line of text. Where a line before
 * those names a failure and none of them does, it comes first.
 */
export function lastLines(text: string): string {
  const lines = text
    .replace(/\u001b\[[0-9;?]{0,20}[a-z]/gi, '')
    .split(/[\r\n]+/)
    .map((line) => line.replace(/[\u0000-\u001f\u007f]/g, '').trim())
    .filter((line) => line !== '' && !NOISE.test(line));
  const last = lines.slice(-LINES);
  const failure = lines.findLast((line) => FAILURE.test(line));
  const isSaid = failure === undefined || last.includes(failure);
  const all = (isSaid ? last : [failure, ...last.slice(1)]).join(' | ');
  return all.length <= MOST_CHARS ? all : `…${all.slice(1 - MOST_CHARS)}`;
}

export function ranOutOfMemory(text: string): boolean {
  return OUT_OF_MEMORY.test(text);
}
