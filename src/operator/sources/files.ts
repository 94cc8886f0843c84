import type { SourceFile } from '../bind/bundle.ts';
import { SourceProblem } from './problem.ts';

/** What the agents take (docs/agent.md): more would fail at every bind. */
export const MAX_SOURCE_BYTES = 64 * 1024 * 1024;
export const MAX_FILES = 20_000;
/** Limits of Linux file systems. */
const MAX_PATH_BYTES = 1024;
const MAX_PART_BYTES = 255;

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
  checkTogether(files);
  return files;
}

/** @throws SourceProblem for a path that leaves the function's folder or that no system takes */
export function checkPath(path: string): void {
  const bad = path.split('/').some(isBadPart);
  if (bad || Buffer.byteLength(path) > MAX_PATH_BYTES || /[\0\\]/.test(path)) {
    const rule = 'must be relative, without empty, "." and ".." parts, backslashes and NUL';
    const sizes = `at most ${MAX_PATH_BYTES} bytes in all and ${MAX_PART_BYTES} a part`;
    throw invalid(path, `${rule}, ${sizes}`);
  }
}

function isBadPart(part: string): boolean {
  return ['', '.', '..'].includes(part) || Buffer.byteLength(part) > MAX_PART_BYTES;
}

function checkTogether(files: readonly SourceFile[]): void {
  const paths = new Set<string>();
  for (const { path } of files) {
    if (paths.has(path)) throw invalid(path, 'must be there once');
    paths.add(path);
  }
  for (const path of paths) {
    const file = foldersOf(path).find((folder) => paths.has(folder));
    if (file !== undefined) throw invalid(path, `must not lie below ${file}, which is a file`);
  }
}

function foldersOf(path: string): string[] {
  const parts = path.split('/');
  return parts.slice(1).map((_, index) => parts.slice(0, index + 1).join('/'));
}

function invalid(path: string, rule: string): SourceProblem {
  return new SourceProblem('PathInvalid', `path ${JSON.stringify(path.slice(0, 200))} ${rule}`);
}
