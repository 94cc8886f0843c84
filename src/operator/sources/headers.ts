import type { ObjectReader } from './objects.ts';
import { SourceProblem } from './problem.ts';

const MAX_HEADERS = 16;
const MAX_VALUE_BYTES = 8 * 1024;
/** A token (RFC 9110 5.6.2). */
const NAME = /^[a-z0-9!#$%&'*+.^_`|~-]{1,64}$/i;
/** Visible characters, with blanks and tabs between. */
const VALUE = /^[\x21-\x7e]([\t\x20-\x7e]*[\x21-\x7e])?$/;
/** What frames a request and says where it goes is not for a Secret to say. */
const OURS =
  /^(host|connection|content-length|transfer-encoding|expect|upgrade|te|trailer|keep-alive|range|accept-encoding|proxy-.*)$/i;

/**
 * Headers of a request from a Secret, a header a key. A line break at the end of a value, as editors
 * leave it, is no part of it.
 * @throws SourceProblem that names Secret and key, and shows no value
 */
export async function headersOf(
  secret: string | undefined,
  objects: Pick<ObjectReader, 'secret'>,
): Promise<Readonly<Record<string, string>>> {
  if (secret === undefined) return {};
  const data = await objects.secret(secret);
  if (data.size > MAX_HEADERS) {
    throw wrong(`Secret ${secret} must have at most ${MAX_HEADERS} keys, it has ${data.size}`);
  }
  const headers = [...data].map(([name, bytes]) => {
    if (!NAME.test(name) || OURS.test(name)) {
      throw wrong(
        `key ${name} of Secret ${secret} must be the name of a header that a client may set`,
      );
    }
    const value = bytes.toString('latin1').replace(/\r?\n$/, '');
    if (!VALUE.test(value) || value.length > MAX_VALUE_BYTES) {
      const rule = `must be visible ASCII, at most ${MAX_VALUE_BYTES} bytes`;
      throw wrong(`the value of key ${name} of Secret ${secret} ${rule}`);
    }
    return [name.toLowerCase(), value];
  });
  return Object.fromEntries(headers) as Record<string, string>;
}

function wrong(detail: string): SourceProblem {
  return new SourceProblem('HeaderInvalid', detail);
}
