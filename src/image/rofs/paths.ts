import { MAX_NAME_BYTES, MAX_PATH_BYTES } from './format.ts';

/** Names of an absolute path, from the root on. @throws Error naming path and rule */
export function namesOf(path: string): string[] {
  const names = path.split('/').slice(1);
  const broken = path.startsWith('/') ? ruleBroken(path, names) : 'must begin with /';
  if (broken !== undefined) throw new Error(`${JSON.stringify(path)}: ${broken}`);
  return names;
}

/** @throws Error naming path and rule */
export function checkTarget(path: string, target: string): void {
  const size = Buffer.byteLength(target);
  if (size === 0 || size > MAX_PATH_BYTES || target.includes('\0') || !target.isWellFormed()) {
    throw new Error(
      `${JSON.stringify(path)}: the target of a link must have 1 to ${MAX_PATH_BYTES} bytes ` +
        `of UTF-8 without NUL; it has ${size}`,
    );
  }
}

function ruleBroken(path: string, names: readonly string[]): string | undefined {
  if (path.includes('\0')) return 'a name must not contain NUL';
  if (!path.isWellFormed()) return 'a name must be Unicode; this one has half of a surrogate pair';
  if (names.some((name) => name === '' || name === '.' || name === '..')) {
    return 'a name must not be empty, "." or ".."';
  }
  const long = names.find((name) => Buffer.byteLength(name) > MAX_NAME_BYTES);
  if (long !== undefined) {
    return `a name must have at most ${MAX_NAME_BYTES} bytes, this one has ${Buffer.byteLength(long)}`;
  }
  const size = Buffer.byteLength(path);
  return size > MAX_PATH_BYTES
    ? `a path must have at most ${MAX_PATH_BYTES} bytes, this one has ${size}`
    : undefined;
}
