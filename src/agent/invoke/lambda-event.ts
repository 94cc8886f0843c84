import { isUtf8 } from 'node:buffer';

/** What an event is made of. */
export interface EventInput {
  readonly method: string;
  readonly url: string;
  readonly headers: Readonly<Record<string, string[] | undefined>>;
  readonly httpVersion: string;
  readonly remoteAddress: string;
  readonly requestId: string;
  readonly functionName: string;
  /** Milliseconds since the epoch. */
  readonly now: number;
  readonly body: Buffer;
}

const TEXT = /^(text\/|application\/(json|javascript|xml|[\w.+-]+\+(json|xml))\b)/i;
const MONTHS = ['Jan', 'Feb', 'Mar', 'Apr', 'May', 'Jun', 'Jul', 'Aug', 'Sep', 'Oct', 'Nov', 'Dec'];

/**
 * The event of an AWS Lambda function URL, payload format 2.0: several headers
 * or query parameters of a name are joined by commas, cookies stand apart, a
 * body that is no UTF-8 text is base64.
 */
export function toEvent(input: EventInput): Readonly<Record<string, unknown>> {
  const [rawPath = '/', ...rest] = input.url.split('?');
  const rawQueryString = rest.join('?');
  const headers = joined(input.headers);
  const cookies = input.headers['cookie']?.flatMap((line) => line.split(/;\s*/));
  const query = queryOf(rawQueryString);
  // Text in another encoding would come out as something else.
  const isText = isTextBody(headers) && isUtf8(input.body);
  return {
    version: '2.0',
    routeKey: '$default',
    rawPath,
    rawQueryString,
    ...(cookies === undefined ? {} : { cookies }),
    headers,
    ...(query === undefined ? {} : { queryStringParameters: query }),
    requestContext: requestContext(input, headers, rawPath),
    ...(input.body.length === 0 ? {} : { body: input.body.toString(isText ? 'utf8' : 'base64') }),
    isBase64Encoded: input.body.length > 0 && !isText,
  };
}

function requestContext(
  input: EventInput,
  headers: Readonly<Record<string, string>>,
  path: string,
): Readonly<Record<string, unknown>> {
  const domainName = headers['host'] ?? '';
  const [forwarded] = (headers['x-forwarded-for'] ?? '').split(',');
  return {
    accountId: 'anonymous',
    apiId: input.functionName,
    domainName,
    domainPrefix: domainName.split('.')[0],
    http: {
      method: input.method,
      path,
      protocol: `HTTP/${input.httpVersion}`,
      sourceIp: forwarded?.trim() || input.remoteAddress,
      userAgent: headers['user-agent'] ?? '',
    },
    requestId: input.requestId,
    routeKey: '$default',
    stage: '$default',
    time: clfTime(new Date(input.now)),
    timeEpoch: input.now,
  };
}

function joined(headers: EventInput['headers']): Record<string, string> {
  const result: Record<string, string> = {};
  for (const [name, values] of Object.entries(headers)) {
    if (name !== 'cookie' && values !== undefined) {
      result[name] = values.join(',');
    }
  }
  return result;
}

function queryOf(raw: string): Record<string, string> | undefined {
  if (raw === '') {
    return undefined;
  }
  const result: Record<string, string> = {};
  for (const [name, value] of new URLSearchParams(raw)) {
    const before = Object.hasOwn(result, name) ? result[name] : undefined;
    result[name] = before === undefined ? value : `${before},${value}`;
  }
  return result;
}

function isTextBody(headers: Readonly<Record<string, string>>): boolean {
  const type = headers['content-type'];
  return headers['content-encoding'] === undefined && type !== undefined && TEXT.test(type);
}

/** `12/Mar/2026:19:03:58 +0000`. */
function clfTime(at: Date): string {
  const two = (value: number): string => String(value).padStart(2, '0');
  const day = `${two(at.getUTCDate())}/${MONTHS[at.getUTCMonth()] ?? ''}/${at.getUTCFullYear()}`;
  return `${day}:${two(at.getUTCHours())}:${two(at.getUTCMinutes())}:${two(at.getUTCSeconds())} +0000`;
}
