import type { SourceFile } from '../bind/bundle.ts';
import { SourceProblem } from './problem.ts';

/** What the agents take (docs/agent.md): more would fail at every bind. */
export const MAX_SOURCE_BYTES = 64 * 1024 * 1024;
export const MAX_FILES = 20_000;
const MAX_PATH = 1024;

/**
 * Files as they may be sent to a VM.
 * @throws SourceProblem naming the path and the rule
 */
export function checkedFiles(files: readonly SourceFile[]): readonly SourceFile[] {
  if (files.length === 0) throw new SourceProblem('SourceEmpty', 'the source has no files');
  if (files.length > MAX_FILES) {
    const detail = `the source has ${files.length} files, at most ${MAX_FILES} are allowed`;
    throw new SourceProblem('SourceTooLarge', detail);
  }
  const bytes = files.reduce((sum, file) => sum + file.content.length, 0);
  if (bytes > MAX_SOURCE_BYTES) {
    const detail = `the source has ${bytes} bytes, at most ${MAX_SOURCE_BYTES} are allowed`;
    throw new SourceProblem('SourceTooLarge', detail);
  }
  for (const { path } of files) checkPath(path);
  return files;
}

/** @throws SourceProblem for a path that leaves the function's folder or that no system takes */
export function checkPath(path: string): void {
  const parts = path.split('/');
  const bad = parts.some(
    (part) => part === '' || part === '.' || part === '..' || part.length > 255,
  );
  if (bad || path.length > MAX_PATH || /[\0\\]/.test(path)) {
    const rule = 'must be relative, without empty, "." and ".." parts, backslashes and NUL';
    throw new SourceProblem('PathInvalid', `path ${JSON.stringify(path.slice(0, 200))} ${rule}`);
  }
}
