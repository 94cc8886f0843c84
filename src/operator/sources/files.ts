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
  const folders = new Set<string>();
  for (const path of paths) {
    for (const folder of newFolders(path, folders)) {
      if (paths.has(folder)) throw invalid(path, `must not lie below ${folder}, which is a file`);
    }
  }
}

/** Those above it that are not in `known`, which has them afterwards: each is looked at once, however many files it has. */
function newFolders(path: string, known: Set<string>): string[] {
  const folders: string[] = [];
  for (let at = path.lastIndexOf('/'); at > 0; at = path.lastIndexOf('/', at - 1)) {
    const folder = path.slice(0, at);
    if (known.has(folder)) break;
    known.add(folder);
    folders.push(folder);
  }
  return folders;
}

function invalid(path: string, rule: string): SourceProblem {
  return new SourceProblem('PathInvalid', `path ${JSON.stringify(path.slice(0, 200))} ${rule}`);
}
