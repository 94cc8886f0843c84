/** The head of an answer, taken apart; what belongs to one connection alone is gone from `headers`. */
export interface AnswerHead {
  readonly status: number;
  readonly statusText: string;
  /** Names and values by turns, as they came. */
  readonly headers: string[];
  /** Declared length of the body, -1 when there is none. */
  readonly length: number;
  readonly chunked: boolean;
  readonly keepAlive: boolean;
  /** The agent answered instead of the function, for this reason. */
  readonly error: string | undefined;
  /** Value of `upgrade`, for a 101. */
  readonly upgrade: string | undefined;
}

interface Draft {
  headers: string[];
  length: number;
  encodings: number;
  chunked: boolean;
  connection: string;
  error: string | undefined;
  upgrade: string | undefined;
  fault: string | undefined;
}

/** RFC 9110 token characters; `latin1` text, so every character is one byte. */
const NAME = /^[!#$%&'*+.^_`|~0-9A-Za-z-]+$/;
// eslint asks for care with control characters: here they are what is looked for.
const VALUE = /^[\t\x20-\x7e\x80-\xff]*$/;
const STATUS_LINE = /^HTTP\/1\.([01]) ([1-9]\d\d)(?: ([\t\x20-\x7e\x80-\xff]*))?$/;
const OWN = 'osv-faas-';
/** More than any framework sets; each is copied on its way to the client. */
const MAX_HEADERS = 256;

/**
 * Reads the head of an HTTP/1.1 answer, without the empty line that ends it. Strict
 * where two readers could differ on where the answer ends: no folded lines,
 * no space before the colon, one length, no length beside an encoding.
 * @returns the head, or what is wrong with it
 */
export function parseHead(text: string): AnswerHead | string {
  let end = text.indexOf('\r\n');
  if (end === -1) end = text.length;
  const status = STATUS_LINE.exec(text.slice(0, end));
  if (status === null) return 'the status line is malformed';
  const draft: Draft = {
    headers: [],
    length: -1,
    encodings: 0,
    chunked: false,
    connection: '',
    error: undefined,
    upgrade: undefined,
    fault: undefined,
  };
  for (let start = end + 2; start < text.length; start = end + 2) {
    end = text.indexOf('\r\n', start);
    if (end === -1) end = text.length;
    readLine(draft, text, start, end);
    if (draft.fault !== undefined) return draft.fault;
  }
  return finish(draft, status[1] === '1', Number(status[2]), status[3] ?? '');
}

function finish(
  draft: Draft,
  is11: boolean,
  code: number,
  statusText: string,
): AnswerHead | string {
  if (draft.encodings > 0 && draft.length >= 0) return 'it has both a length and an encoding';
  if (draft.encodings > 0 && !draft.chunked) return 'its transfer encoding is not "chunked"';
  const connection = draft.connection.toLowerCase();
  const plain = connection === '' || connection === 'keep-alive' || connection === 'close';
  const headers = plain ? draft.headers : without(draft.headers, connection);
  return {
    status: code,
    statusText,
    headers: code === 204 ? withoutLength(headers) : headers,
    length: draft.length,
    chunked: draft.chunked,
    keepAlive: is11 ? !connection.includes('close') : connection.includes('keep-alive'),
    error: draft.error,
    upgrade: draft.upgrade,
  };
}

function readLine(draft: Draft, text: string, start: number, end: number): void {
  const colon = text.indexOf(':', start);
  const name = colon === -1 || colon > end ? '' : text.slice(start, colon);
  const value = text.slice(colon + 1, end).trim();
  if (!NAME.test(name) || !VALUE.test(value)) {
    draft.fault = 'a header line is malformed';
  } else if (draft.headers.length >= 2 * MAX_HEADERS) {
    draft.fault = `it has more than ${MAX_HEADERS} headers`;
  } else if (!takeOwn(draft, name, value)) {
    draft.headers.push(name, value);
  }
}

/** Keeps a header for this hop, when it is one. Lengths first: most names are none of these. */
function takeOwn(draft: Draft, name: string, value: string): boolean {
  switch (name.length) {
    case 2:
    case 7:
    case 10:
    case 12:
    case 14:
    case 16:
    case 17:
    case 18:
      return takeHop(draft, name.toLowerCase(), value);
    default:
      return isOwn(name);
  }
}

function isOwn(name: string): boolean {
  return (name.charCodeAt(0) | 0x20) === 0x6f && name.toLowerCase().startsWith(OWN);
}

function takeHop(draft: Draft, name: string, value: string): boolean {
  switch (name) {
    case 'content-length':
      readLength(draft, value);
      // It goes on to the client as it came.
      return draft.fault !== undefined;
    case 'transfer-encoding':
      draft.encodings += 1;
      draft.chunked = draft.encodings === 1 && value.toLowerCase() === 'chunked';
      return true;
    case 'connection':
      draft.connection = draft.connection === '' ? value : `${draft.connection},${value}`;
      return true;
    case 'upgrade':
      draft.upgrade = value;
      return true;
    case 'osv-faas-error':
      draft.error = value;
      return true;
    default:
      return DROPPED.has(name) || isOwn(name);
  }
}

/** `x-request-id` is the gateway's to say. */
const DROPPED: ReadonlySet<string> = new Set([
  'te',
  'trailer',
  'keep-alive',
  'proxy-connection',
  'proxy-authenticate',
  'x-request-id',
]);

function readLength(draft: Draft, value: string): void {
  if (draft.length !== -1) draft.fault = 'it has two lengths';
  else if (!/^\d{1,15}$/.test(value)) draft.fault = 'its length is no number';
  else draft.length = Number(value);
}

/** RFC 9110, 8.6: a 204 has no length, and a client that believed one would wait for a body. */
function withoutLength(headers: readonly string[]): string[] {
  return headers.filter(
    (_text, index) => (headers[index & ~1] ?? '').toLowerCase() !== 'content-length',
  );
}

/** Without the headers that `Connection` names. */
function without(headers: readonly string[], connection: string): string[] {
  const named = new Set(connection.split(',').map((token) => token.trim()));
  named.delete('content-length');
  return headers.filter((_text, index) => !named.has((headers[index & ~1] ?? '').toLowerCase()));
}
