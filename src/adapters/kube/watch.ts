import { request } from 'undici';
import type { KubeObject, Resource } from '../../runtime/kube.ts';
import { KubeError } from './error.ts';
import { collectionPath, mediaTypeOf, withQuery } from './paths.ts';
import type { Transport } from './transport.ts';

export interface WatchEvent<T> {
  readonly type: 'ADDED' | 'MODIFIED' | 'DELETED' | 'BOOKMARK';
  readonly object: T;
}

export interface WatchRequest {
  readonly resource: Resource;
  readonly namespace?: string | undefined;
  readonly labelSelector?: string | undefined;
  readonly metadataOnly?: boolean | undefined;
  readonly resourceVersion: string;
  /** The server ends the watch after this. */
  readonly timeoutSeconds: number;
}

const SILENCE_MS = 150_000;

/**
 * One watch, event by event, until the server closes it. Bookmarks are asked for.
 * @throws KubeError with status 410 when `resourceVersion` is too old, and for any other refusal
 */
export async function* watch<T extends KubeObject>(
  transport: Transport,
  what: WatchRequest,
  signal: AbortSignal,
): AsyncGenerator<WatchEvent<T>> {
  const { dispatcher, headers } = await transport.credentials();
  const path = withQuery(collectionPath(what.resource, what.namespace), {
    watch: '1',
    allowWatchBookmarks: 'true',
    resourceVersion: what.resourceVersion,
    labelSelector: what.labelSelector,
    timeoutSeconds: String(what.timeoutSeconds),
  });
  const answer = await request(transport.origin + path, {
    dispatcher,
    signal,
    headers: { accept: mediaTypeOf('PartialObjectMetadata', what.metadataOnly), ...headers },
    // A bookmark comes every minute or so; a connection that died without a word is silent.
    bodyTimeout: SILENCE_MS,
  });
  transport.observe('WATCH', answer.statusCode);
  if (answer.statusCode !== 200) {
    const text = await answer.body.text();
    throw KubeError.fromAnswer(answer.statusCode, text, `WATCH ${path}`, answer.headers);
  }
  for await (const line of lines(answer.body)) yield parse<T>(line, path);
}

/** A line that is no event means a broken stream: better to list again than to miss something. */
function parse<T>(line: string, path: string): WatchEvent<T> {
  const event = JSON.parse(line) as WatchEvent<T> | ErrorEvent;
  if (event.type !== 'ERROR') return event;
  const { code = 500, reason = 'WatchError', message = '' } = event.object;
  throw new KubeError({ status: code, reason, message: `WATCH ${path}: ${message}` });
}

interface ErrorEvent {
  readonly type: 'ERROR';
  readonly object: { code?: number; reason?: string; message?: string };
}

async function* lines(body: AsyncIterable<Buffer>): AsyncGenerator<string> {
  const decoder = new TextDecoder();
  let rest = '';
  for await (const chunk of body) {
    const parts = (rest + decoder.decode(chunk, { stream: true })).split('\n');
    rest = parts.pop() ?? '';
    for (const part of parts) if (part !== '') yield part;
  }
}
