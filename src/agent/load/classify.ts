import { readFileSync } from 'node:fs';
import { relative } from 'node:path';
import { describe, LoadFailure } from './failure.ts';

const NOT_FOUND = new Set([
  'ERR_MODULE_NOT_FOUND',
  'MODULE_NOT_FOUND',
  'ERR_PACKAGE_PATH_NOT_EXPORTED',
  'ERR_UNSUPPORTED_DIR_IMPORT',
]);

/**
 * Turns what `import()` of `file` threw into a failure that names the cause,
 * with paths relative to the function's root.
 */
export async function classify(error: unknown, file: string, root: string): Promise<LoadFailure> {
  if (error instanceof LoadFailure) {
    return error;
  }
  if (error instanceof Error && NOT_FOUND.has(String((error as NodeJS.ErrnoException).code))) {
    const [first = ''] = error.message.split('\n');
    return new LoadFailure('ModuleNotFound', relativePaths(first, root), error);
  }
  if (error instanceof SyntaxError) {
    const place = placeInStack(error.stack ?? '') ?? (await placeByParsing(file));
    const where = place === undefined ? file : place;
    const detail = `${relativePaths(where, root)}: ${error.message}`;
    return new LoadFailure('SyntaxError', detail, error);
  }
  return new LoadFailure('LoadFailed', withPlace(error, root), error);
}

/** CommonJS and link errors begin their stack with `file:line`. */
function placeInStack(stack: string): string | undefined {
  return /^(?:file:\/\/)?(\/[^\n]*:\d+)\n/.exec(stack)?.[1];
}

/**
 * V8 hides the line of a syntax error in an ES module; the parser that strips
 * types tells it, for JavaScript too. Loaded for this case alone.
 */
async function placeByParsing(file: string): Promise<string | undefined> {
  try {
    const { stripTypeScriptTypes } = await import('node:module');
    stripTypeScriptTypes(readFileSync(file, 'utf8'));
  } catch (error) {
    const line = /^:(\d+)\n/.exec((error as Error).stack ?? '')?.[1];
    return line === undefined ? undefined : `${file}:${line}`;
  }
  return undefined;
}

/** The error and the first place in the function's own files. */
function withPlace(error: unknown, root: string): string {
  const stack = error instanceof Error ? (error.stack ?? '') : '';
  const frame = stack.split('\n').find((line) => line.includes(`${root}/`));
  const place = frame === undefined ? undefined : /(\/[^()\n]*:\d+):\d+/.exec(frame)?.[1];
  const at = place === undefined ? '' : ` (${relative(root, place)})`;
  return `${describe(error)}${at}`;
}

function relativePaths(text: string, root: string): string {
  return text.replaceAll(`file://${root}/`, '').replaceAll(`${root}/`, '');
}
