import type { BindFile } from '../../api/agent-protocol.ts';
import { FILE_SCHEMA, FUNCTION_SCHEMA } from '../../api/manifest-schema.ts';
import { array, fail, integer, object, text } from './fields.ts';

const MAX_FILES = FUNCTION_SCHEMA.files.maxItems;
const { maxBytes: MAX_PATH_BYTES, maxPartBytes: MAX_PART_BYTES } = FILE_SCHEMA.path;

/** Checks a function's files: safe paths, each once, none below another. */
export function filesOf(value: unknown, at: string): readonly BindFile[] {
  const files = array(value, at, MAX_FILES).map((item, index) => fileOf(item, `${at}[${index}]`));
  const paths = new Set(files.map((file) => file.path));
  if (paths.size < files.length) {
    throw fail(at, 'must name each path once', files.length);
  }
  const clash = files.find((file) => parents(file.path).some((parent) => paths.has(parent)));
  if (clash !== undefined) {
    throw fail(at, 'must not have a file below another file', clash.path);
  }
  return files;
}

/** Why a path may not be written, or undefined. */
export function pathProblem(path: string): string | undefined {
  if (Buffer.byteLength(path) > MAX_PATH_BYTES) {
    return `must have at most ${MAX_PATH_BYTES} bytes`;
  }
  if (/[\0\\]/.test(path)) {
    return 'must have neither NUL nor backslash';
  }
  const parts = path.split('/');
  if (parts.some((part) => part === '' || part === '.' || part === '..')) {
    return 'must be relative, without empty, "." and ".." parts';
  }
  return parts.some((part) => Buffer.byteLength(part) > MAX_PART_BYTES)
    ? `must have parts of at most ${MAX_PART_BYTES} bytes`
    : undefined;
}

function fileOf(value: unknown, at: string): BindFile {
  const fields = object(value, at);
  const path = text(fields, 'path', at);
  const rule = pathProblem(path);
  if (rule !== undefined) {
    throw fail(`${at}.path`, rule, path);
  }
  return { path, size: integer(fields['size'], `${at}.size`, FILE_SCHEMA.size) };
}

function parents(path: string): string[] {
  const found: string[] = [];
  for (let at = path.indexOf('/'); at !== -1; at = path.indexOf('/', at + 1)) {
    found.push(path.slice(0, at));
  }
  return found;
}
