import { isOwn } from '../http/headers.ts';
import { Refusal } from '../refusal.ts';

/** An answer, ready for `writeHead` and `end`. */
export interface LambdaAnswer {
  readonly status: number;
  /** Flat list of names and values. */
  readonly headers: string[];
  readonly body: Buffer;
}

type Fields = Readonly<Record<string, unknown>>;

/**
 * Reads what a Lambda-style handler returned as payload format 2.0 does: an
 * object with `statusCode` is the answer itself, anything else its body as JSON
 * (a string as it is). Throws an `InvalidAnswer` refusal that names the field.
 */
export function toAnswer(result: unknown): LambdaAnswer {
  if (typeof result === 'object' && result !== null && 'statusCode' in result) {
    return structured(result);
  }
  const body = Buffer.from(typeof result === 'string' ? result : json(result));
  return withLength(200, ['content-type', 'application/json'], body);
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

function withLength(status: number, headers: string[], body: Buffer): LambdaAnswer {
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
  return lower !== 'content-length' && lower !== 'transfer-encoding' && !isOwn(lower);
}

function headerPairs(value: unknown, field: string): string[] {
  return Object.entries(fieldsOf(value, field))
    .filter(([name]) => isAllowed(name))
    .flatMap(([name, entry]) => [name, scalar(entry, `${field}.${name}`)]);
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
