/** Anything in a path that might be more than plain segments; what passes needs no second look. */
const SUSPICIOUS = /[^\x21-\x7e]|[%\\#]|\/\/|\/\./;
const UNPRINTABLE = /[^\x21-\x7e]/;

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
