const LINES = 5;
const MOST_CHARS = 600;

/** What kernels, runtimes and drivers write when memory is used up. */
const OUT_OF_MEMORY =
  /out of memory|OutOfMemoryError|bad_alloc|cannot allocate memory|could not reserve enough space|\bENOMEM\b/i;

/** The last lines of a console, without what only a terminal understands, as one line of text. */
export function lastLines(text: string): string {
  const lines = text
    .replace(/\u001b\[[0-9;?]{0,20}[a-z]/gi, '')
    .split(/[\r\n]+/)
    .map((line) => line.replace(/[\u0000-\u001f\u007f]/g, '').trim())
    .filter((line) => line !== '')
    .slice(-LINES);
  const all = lines.join(' | ');
  return all.length <= MOST_CHARS ? all : `…${all.slice(1 - MOST_CHARS)}`;
}

export function ranOutOfMemory(text: string): boolean {
  return OUT_OF_MEMORY.test(text);
}
