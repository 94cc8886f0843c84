import { lookup, type LookupAddress } from 'node:dns';
import { isIP, type LookupFunction } from 'node:net';
import { Agent, request, type Dispatcher } from 'undici';
import { redact, redactUrl } from '../../domain/redact.ts';
import { messageOf } from '../../runtime/errors.ts';
import type { SourceNetworks } from './networks.ts';
import { SourceProblem } from './problem.ts';

/** Compressed bytes of an archive. */
export const MAX_ARCHIVE_BYTES = 64 * 1024 * 1024;
const TIMEOUT_MS = 30_000;
const TOTAL_MS = 4 * TIMEOUT_MS;
/** As browsers and curl have it for release pages, with room to spare. */
const MAX_REDIRECTS = 5;
const REDIRECTS: ReadonlySet<number> = new Set([301, 302, 303, 307, 308]);

export interface DownloadOptions {
  readonly networks: SourceNetworks;
  /** For the origin of the URL, and for no other that it redirects to. */
  readonly headers: Readonly<Record<string, string>>;
  readonly signal: AbortSignal;
}

/**
 * What a URL answers, in a memory of its own. Every address is looked at before it is connected to, that of
 * a redirect too: what a name stands for may change between a look and a connection.
 * @throws SourceProblem that shows no address, no user and no query; the signal's reason
 */
export async function download(
  url: string,
  options: DownloadOptions,
): Promise<Buffer<ArrayBuffer>> {
  const signal = AbortSignal.any([options.signal, AbortSignal.timeout(TOTAL_MS)]);
  const agent = new Agent({ connect: { lookup: checkedLookup(options.networks) } });
  try {
    return await follow(new URL(url), { ...options, signal }, agent);
  } catch (error) {
    options.signal.throwIfAborted();
    if (error instanceof SourceProblem) throw error;
    // Without the cause, which names addresses and perhaps more.
    const detail = `${redactUrl(url)}: ${redact(messageOf(error))}`;
    throw new SourceProblem('DownloadFailed', detail);
  } finally {
    await agent.destroy();
  }
}

async function follow(
  first: URL,
  { networks, headers, signal }: DownloadOptions,
  dispatcher: Agent,
): Promise<Buffer<ArrayBuffer>> {
  let at = first;
  for (let redirects = 0; redirects <= MAX_REDIRECTS; redirects += 1) {
    const host = at.hostname.replace(/^\[|\]$/g, '');
    // An address needs no lookup.
    if (isIP(host) !== 0 && networks.refuses(host)) throw denied();
    const own = at.origin === first.origin ? { ...userOf(first), ...headers } : {};
    const answer = await request(withoutUser(at), {
      ...{ dispatcher, signal, headers: own },
      ...{ headersTimeout: TIMEOUT_MS, bodyTimeout: TIMEOUT_MS },
    });
    if (answer.statusCode === 200) return bounded(at, answer.body);
    // Not read to its end: the connection goes with the agent.
    answer.body.on('error', () => undefined).destroy();
    const { location } = answer.headers;
    if (!REDIRECTS.has(answer.statusCode) || typeof location !== 'string') {
      throw failed(at, `answered ${answer.statusCode}`);
    }
    at = targetOf(at, location);
  }
  throw failed(first, `redirects more than ${MAX_REDIRECTS} times`);
}

function targetOf(from: URL, location: string): URL {
  const to = URL.parse(location, from);
  if (to === null || !/^https?:$/.test(to.protocol)) throw failed(from, 'redirects to no http URL');
  if (from.protocol === 'https:' && to.protocol === 'http:') {
    throw failed(from, 'redirects from https to http');
  }
  return to;
}

/** As browsers send it (RFC 7617). */
function userOf({ username, password }: URL): Record<string, string> {
  if (username === '' && password === '') return {};
  const pair = `${decodeURIComponent(username)}:${decodeURIComponent(password)}`;
  return { authorization: `Basic ${Buffer.from(pair).toString('base64')}` };
}

function withoutUser(url: URL): URL {
  const plain = new URL(url);
  plain.username = '';
  plain.password = '';
  return plain;
}

/** Answers only what may be connected to; one address that may not spoils the name. */
function checkedLookup(networks: SourceNetworks): LookupFunction {
  return (host, options, answer) => {
    lookup(host, { ...options, all: true }, (error, found: LookupAddress[] | undefined) => {
      const addresses = found ?? [];
      const [first] = addresses;
      if (error !== null) answer(error, []);
      else if (addresses.some(({ address }) => networks.refuses(address))) answer(denied(), []);
      else if (options.all === true || first === undefined) answer(null, addresses);
      else answer(null, first.address, first.family);
    });
  };
}

/** It does not say what stands there: whoever asks would learn which machines there are. */
function denied(): SourceProblem {
  const detail =
    'sources may not come from the network of that host, or of one that it redirects to';
  return new SourceProblem('NetworkDenied', detail);
}

function failed(url: URL, what: string): SourceProblem {
  return new SourceProblem('DownloadFailed', `${redactUrl(url.href)} ${what}`);
}

async function bounded(
  url: URL,
  body: Dispatcher.ResponseData['body'],
): Promise<Buffer<ArrayBuffer>> {
  const chunks: Buffer[] = [];
  let bytes = 0;
  for await (const chunk of body as AsyncIterable<Buffer>) {
    bytes += chunk.length;
    if (bytes > MAX_ARCHIVE_BYTES) {
      const detail = `${redactUrl(url.href)} is larger than ${MAX_ARCHIVE_BYTES} bytes`;
      throw new SourceProblem('SourceTooLarge', detail);
    }
    chunks.push(chunk);
  }
  // In a memory of its own, which goes to the thread that unpacks it.
  const all = Buffer.from(new ArrayBuffer(bytes));
  let at = 0;
  for (const chunk of chunks) at += chunk.copy(all, at);
  return all;
}
