/** Anything in a path that might be more than plain segments; what passes needs no second look. */
const SUSPICIOUS = /[^\x21-\x7e]|[%\\#]|\/\/|\/\./;
const UNPRINTABLE = /[^\x21-\x7e]/;

/** What a request asks for: the target as everybody understands it, and whose it is where the target said so. */
export interface Target {
  /** Path and query. */
  readonly target: string;
  /** Host and port of an absolute target; they count instead of `Host`. */
  readonly authority: string | undefined;
}

/** User information is no part of an `http` target (RFC 9110, 4.2.4). */
const ABSOLUTE = /^https?:\/\/([^/?#@]+)([/?].*)?$/i;

/**
 * Takes an absolute-form target apart, which servers must accept (RFC 9112, 3.2.2).
 * Any other target is left as it is.
 */
export function readTarget(target: string): Target {
  const [, authority, rest = ''] = target.startsWith('/') ? [] : (ABSOLUTE.exec(target) ?? []);
  if (authority === undefined) return { target, authority };
  return { target: rest.startsWith('/') ? rest : `/${rest}`, authority };
}

/**
 * Why a request target is refused, or undefined when it is fine. Two parties that
 * read a path differently are how a request reaches what it must not: so no
 * encoded slashes, no dot segments, no empty segments, in any spelling.
 * @param queryAt index of the `?`, or the target's length
 */
export function targetFault(target: string, queryAt: number): string | undefined {
  if (!target.startsWith('/')) return 'the request target must begin with "/"';
  if (UNPRINTABLE.test(target)) return 'the request target must be printable ASCII';
  const path = queryAt === target.length ? target : target.slice(0, queryAt);
  return SUSPICIOUS.test(path) ? pathFault(path) : undefined;
}

function pathFault(path: string): string | undefined {
  if (path.includes('\\') || path.includes('#')) return 'the path must not hold "\\" or "#"';
  if (path.includes('//')) return 'the path must not hold empty segments';
  if (/%(?![0-9a-f]{2})/i.test(path)) return '"%" must be followed by two hexadecimal digits';
  if (/%(2f|5c)/i.test(path)) return 'the path must not hold encoded slashes';
  if (/%(0[0-9a-f]|1[0-9a-f]|7f)/i.test(path)) return 'the path must not hold control characters';
  const segments = path.replace(/%2e/gi, '.').split('/');
  if (segments.includes('..') || segments.includes('.')) {
    return 'the path must not hold "." or ".." segments';
  }
  return undefined;
}
