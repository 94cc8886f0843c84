import { isHopByHop, isOwn } from '../http/headers.ts';
import { Refusal } from '../refusal.ts';

/** An answer, ready for `writeHead` and `end`. */
export interface LambdaAnswer {
  readonly status: number;
  /** Flat list of names and values. */
  readonly headers: string[];
  readonly body: Buffer;
}

const JSON_TYPE: readonly string[] = ['content-type', 'application/json'];

type Fields = Readonly<Record<string, unknown>>;

/**
 * Reads what a Lambda-style handler returned as payload format 2.0 does: an
 * object with `statusCode` is the answer itself, anything else its body as JSON
 * (a string as it is). All is read as JSON would have it, since that is how AWS gets it: dates are texts, what
 * is undefined is not there. Bytes as `body` are more than AWS takes. Throws an `InvalidAnswer`
 * refusal that names the field.
 */
export function toAnswer(result: unknown): LambdaAnswer {
  if (typeof result === 'string') {
    return withLength(200, JSON_TYPE, Buffer.from(result));
  }
  const { body, ...rest } = isObject(result) ? result : { body: undefined };
  // Long texts and bytes need not go through JSON and back.
  const plain = typeof body === 'string' || body instanceof Uint8Array;
  const text = json(plain ? { ...rest, body: '' } : result);
  const read: unknown = JSON.parse(text);
  if (isObject(read) && 'statusCode' in read) {
    return structured(plain ? { ...read, body } : read);
  }
  return withLength(200, JSON_TYPE, Buffer.from(plain ? json(result) : text));
}

function isObject(value: unknown): value is Fields {
  return typeof value === 'object' && value !== null;
}

function structured(result: Fields): LambdaAnswer {
  const status = Number(result['statusCode']);
  if (!Number.isInteger(status) || status < 200 || status > 599) {
    throw invalid('statusCode must be an integer from 200 to 599');
  }
  const headers = [
    ...headerPairs(result['headers'], 'headers'),
    ...multiPairs(result['multiValueHeaders']),
    ...cookiePairs(result['cookies']),
  ];
  const names = headers.filter((_, index) => index % 2 === 0).map((name) => name.toLowerCase());
  if (!names.includes('content-type')) {
    headers.push('content-type', 'application/json');
  }
  return withLength(status, headers, bodyOf(result));
}

function withLength(status: number, headers: readonly string[], body: Buffer): LambdaAnswer {
  const noBody = status === 204 || status === 304;
  const length = noBody ? [] : ['content-length', String(body.length)];
  return { status, headers: [...headers, ...length], body: noBody ? Buffer.alloc(0) : body };
}

function bodyOf(result: Fields): Buffer {
  const { body } = result as { body?: unknown };
  if (body === undefined || body === null) {
    return Buffer.alloc(0);
  }
  if (typeof body === 'string') {
    return Buffer.from(body, result['isBase64Encoded'] === true ? 'base64' : 'utf8');
  }
  if (body instanceof Uint8Array) {
    return Buffer.from(body.buffer, body.byteOffset, body.byteLength);
  }
  return Buffer.from(json(body));
}

/** The length is ours, and so are headers between gateway and agent. */
function isAllowed(name: string): boolean {
  const lower = name.toLowerCase();
  return lower !== 'content-length' && !isHopByHop(lower) && !isOwn(lower);
}

function headerPairs(value: unknown, field: string): string[] {
  return Object.entries(fieldsOf(value, field))
    .filter(([name]) => isAllowed(name))
    .flatMap(([name, entry]) => (entry === null ? [] : [name, scalar(entry, `${field}.${name}`)]));
}

function multiPairs(value: unknown): string[] {
  return Object.entries(fieldsOf(value, 'multiValueHeaders')).flatMap(([name, entries]) => {
    if (!Array.isArray(entries)) {
      throw invalid(`multiValueHeaders.${name} must be an array`);
    }
    const at = `multiValueHeaders.${name}`;
    return isAllowed(name) ? entries.flatMap((entry: unknown) => [name, scalar(entry, at)]) : [];
  });
}

function cookiePairs(value: unknown): string[] {
  if (value === undefined || value === null) {
    return [];
  }
  if (!Array.isArray(value)) {
    throw invalid('cookies must be an array of strings');
  }
  return value.flatMap((cookie: unknown) => ['set-cookie', scalar(cookie, 'cookies')]);
}

function fieldsOf(value: unknown, field: string): Fields {
  if (value === undefined || value === null) {
    return {};
  }
  if (typeof value !== 'object') {
    throw invalid(`${field} must be an object`);
  }
  return value as Fields;
}

function scalar(value: unknown, field: string): string {
  if (typeof value === 'string' || typeof value === 'number' || typeof value === 'boolean') {
    return String(value);
  }
  throw invalid(`${field} must be a string`);
}

function json(value: unknown): string {
  try {
    const text: unknown = JSON.stringify(value);
    // Functions and the like have no JSON, whatever the type says.
    return typeof text === 'string' ? text : 'null';
  } catch (error) {
    throw invalid(`the result must be JSON: ${(error as Error).message}`);
  }
}

function invalid(detail: string): Refusal {
  return new Refusal(500, 'InvalidAnswer', `Of the function's result, ${detail}.`, 'function');
}
