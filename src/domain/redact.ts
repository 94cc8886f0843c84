/** Text that holds secrets, made fit for conditions, logs and refusals. Idempotent. */
export type Redact = (text: string) => string;

const VALUE = '[redacted]';
const ADDRESS = '[address]';

/** Values shorter than this stand in every sentence: masking them would hide nothing and garble all. */
const SHORTEST_VALUE = 4;

/** A URL of any scheme, an IPv4 address, or what may be an IPv6 address; each perhaps with a port. */
const SUSPECTS =
  /[a-z][a-z0-9+.-]{0,30}:\/\/\S+|(?<![\w.])\d{1,3}(?:\.\d{1,3}){3}(?::\d{1,5})?(?![\w.]*\w)|(?<![\w:.])\[?[0-9a-f:.]{2,45}(?:%\w{1,15})?(?:\](?::\d{1,5})?)?/gi;

/**
 * URLs shortened as by {@link redactUrl}, addresses of machines masked. Of names of hosts nothing is
 * masked, and of paths neither: they say what to mend. A secret belongs in neither.
 */
export const redact: Redact = (text) =>
  text.replace(SUSPECTS, (found) => {
    if (found.includes('://')) {
      // The closing quote of one that is quoted is the sentence's.
      const [closing = ''] = /["'`]\W{0,3}$/.exec(found) ?? [];
      return redactUrl(found.slice(0, found.length - closing.length)) + closing;
    }
    return isAddress(found) ? ADDRESS : found;
  });

/**
 * Scheme, host and path; without user, password, query and fragment. Its own host stays, even where
 * it is an address: its owner wrote it. Of what is no URL only the scheme is left.
 */
export function redactUrl(url: string): string {
  const [, scheme = '', rest = ''] = /^([a-z][a-z0-9+.-]*:\/\/)(.*)$/is.exec(url) ?? [];
  const [, authority = '', path = ''] = /^([^/?#\\]*)([^?#]*)/.exec(rest) ?? [];
  const host = authority.slice(authority.lastIndexOf('@') + 1);
  return /^([\w.-]*|\[[0-9a-f:.]+\])(:\d{0,5})?$/i.test(host)
    ? `${scheme}${host}${path}`
    : `${scheme}${VALUE}`;
}

/**
 * A redactor that masks these values too, and each line of those that have several, as they are and as
 * JSON writes them; at the end of a text also the beginning of one, which a cut may have left.
 */
export function redactorOf(values: Iterable<string>): Redact {
  const secrets = [...new Set([...values].flatMap(formsOf))];
  return (text) => redact(masked(text, secrets));
}

function formsOf(value: string): string[] {
  const forms = [value, ...value.split(/[\r\n]+/)].map((form) => form.trim());
  return forms
    .flatMap((form) => [form, JSON.stringify(form).slice(1, -1)])
    .filter((form) => form.length >= SHORTEST_VALUE);
}

function masked(text: string, secrets: readonly string[]): string {
  const found = secrets
    .flatMap((secret) => [...occurrences(text, secret), ...cutOff(text, secret)])
    .toSorted((a, b) => a.from - b.from);
  let done = 0;
  let out = '';
  for (const { from, to } of found) {
    // Of values that overlap all is masked, once.
    if (from >= done) out += text.slice(done, from) + VALUE;
    done = Math.max(done, to);
  }
  return out + text.slice(done);
}

interface Span {
  readonly from: number;
  readonly to: number;
}

function occurrences(text: string, secret: string): Span[] {
  const spans: Span[] = [];
  for (let at = text.indexOf(secret); at >= 0; at = text.indexOf(secret, at + secret.length)) {
    spans.push({ from: at, to: at + secret.length });
  }
  return spans;
}

function cutOff(text: string, secret: string): Span[] {
  const beginning = secret.slice(0, SHORTEST_VALUE);
  const first = Math.max(0, text.length - secret.length + 1);
  for (let at = text.indexOf(beginning, first); at >= 0; at = text.indexOf(beginning, at + 1)) {
    if (secret.startsWith(text.slice(at))) return [{ from: at, to: text.length }];
  }
  return [];
}

/** Two colons in a row, or as many as an address has; a time of day has two, a line of code as well. */
function isAddress(found: string): boolean {
  if (/^\d+\.\d+\.\d+\.\d+(:\d+)?$/.test(found)) return true;
  return /[0-9a-f]/i.test(found) && (found.includes('::') || found.split(':').length > 5);
}
