import { request } from 'undici';
import type { Clock } from '../../runtime/clock.ts';
import type {
  KubeClient,
  KubeObject,
  ListOptions,
  ObjectRef,
  PatchOptions,
  PatchType,
  Resource,
} from '../../runtime/kube.ts';
import { isNotFound, KubeError } from './error.ts';
import { collectionPath, mediaTypeOf, objectPath, withQuery } from './paths.ts';
import type { Transport } from './transport.ts';

const PATCH_CONTENT: Record<PatchType, string> = {
  merge: 'application/merge-patch+json',
  json: 'application/json-patch+json',
  apply: 'application/apply-patch+yaml',
};

const PAGE = 500;
const TIMEOUT_MS = 30_000;
const MAX_ATTEMPTS = 4;

interface Call {
  readonly method: string;
  readonly path: string;
  readonly body?: unknown;
  readonly contentType?: string | undefined;
  readonly accept?: string;
  readonly signal?: AbortSignal | undefined;
}

/** JSON over the kept connections: no generated serializers, so that a hundred writes a second cost little. */
export class RestClient implements KubeClient {
  readonly #transport: Transport;
  readonly #clock: Clock;

  constructor(transport: Transport, clock: Clock) {
    this.#transport = transport;
    this.#clock = clock;
  }

  async get(ref: ObjectRef, signal?: AbortSignal): Promise<KubeObject> {
    return (await this.request({ method: 'GET', path: objectPath(ref), signal })) as KubeObject;
  }

  async list(
    resource: Resource,
    options: ListOptions = {},
    signal?: AbortSignal,
  ): Promise<{ items: readonly KubeObject[]; resourceVersion: string }> {
    const items: KubeObject[] = [];
    let next: string | undefined;
    let resourceVersion = '';
    do {
      const path = withQuery(collectionPath(resource, options.namespace), {
        limit: String(PAGE),
        labelSelector: options.labelSelector,
        continue: next,
      });
      const accept = mediaTypeOf('PartialObjectMetadataList', options.metadataOnly);
      const page = (await this.request({ method: 'GET', path, accept, signal })) as ListAnswer;
      // Items of a list come without kind and apiVersion; a single object has them.
      for (const item of page.items ?? []) items.push({ ...typeOf(resource), ...item });
      resourceVersion = page.metadata.resourceVersion;
      next = page.metadata.continue === '' ? undefined : page.metadata.continue;
    } while (next !== undefined);
    return { items, resourceVersion };
  }

  async create<T extends KubeObject>(
    resource: Resource,
    object: T,
    signal?: AbortSignal,
  ): Promise<T> {
    const path = collectionPath(resource, object.metadata.namespace);
    return (await this.request({ method: 'POST', path, body: object, signal })) as T;
  }

  async dryRun(resource: Resource, object: KubeObject): Promise<void> {
    const path = withQuery(collectionPath(resource, object.metadata.namespace), { dryRun: 'All' });
    await this.request({ method: 'POST', path, body: object });
  }

  async patch(ref: ObjectRef, patch: unknown, options: PatchOptions): Promise<KubeObject> {
    const path = withQuery(objectPath(ref, options.subresource), {
      fieldManager: options.fieldManager,
      force: options.force === true ? 'true' : undefined,
    });
    const contentType = PATCH_CONTENT[options.type];
    return (await this.request({ method: 'PATCH', path, body: patch, contentType })) as KubeObject;
  }

  async delete(
    ref: ObjectRef,
    options: { readonly uid?: string; readonly gracePeriodSeconds?: number } = {},
  ): Promise<void> {
    const { uid, gracePeriodSeconds } = options;
    const preconditions = uid === undefined ? undefined : { uid };
    const body = { kind: 'DeleteOptions', apiVersion: 'v1', preconditions, gracePeriodSeconds };
    try {
      await this.request({ method: 'DELETE', path: objectPath(ref), body });
    } catch (error) {
      const replaced = error instanceof KubeError && error.status === 409 && uid !== undefined;
      if (!isNotFound(error) && !replaced) throw error;
    }
  }

  /** Retries, with bound, what the API server did not begin: refused connections and 429. */
  async request(call: Call): Promise<unknown> {
    for (let attempt = 1; ; attempt += 1) {
      try {
        return await this.#once(call, attempt > 1);
      } catch (error) {
        const delay = retryDelay(error, attempt);
        if (delay === undefined || call.signal?.aborted === true) throw error;
        await this.#clock.sleep(delay, call.signal);
      }
    }
  }

  async #once(call: Call, fresh: boolean): Promise<unknown> {
    const { dispatcher, headers } = await this.#transport.credentials(fresh);
    const timeout = AbortSignal.timeout(TIMEOUT_MS);
    const signal = call.signal === undefined ? timeout : AbortSignal.any([call.signal, timeout]);
    const what = `${call.method} ${call.path}`;
    const sent = request(this.#transport.origin + call.path, {
      method: call.method as 'GET',
      dispatcher,
      signal,
      headers: {
        accept: call.accept ?? mediaTypeOf(''),
        'content-type': call.contentType ?? 'application/json',
        ...headers,
      },
      body: call.body === undefined ? null : JSON.stringify(call.body),
    });
    const answer = await sent.catch((cause: unknown) => {
      this.#transport.observe(call.method, 0);
      throw unreachable(what, cause);
    });
    this.#transport.observe(call.method, answer.statusCode);
    const text = await answer.body.text();
    if (answer.statusCode >= 300) {
      throw KubeError.fromAnswer(answer.statusCode, text, what, answer.headers);
    }
    return JSON.parse(text) as unknown;
  }
}

interface ListAnswer {
  readonly metadata: { readonly resourceVersion: string; readonly continue?: string };
  /** Null for an empty list of metadata only. */
  readonly items: readonly KubeObject[] | null;
}

function typeOf(resource: Resource): { apiVersion: string; kind: string } {
  const { group, version, kind } = resource;
  return { apiVersion: group === '' ? version : `${group}/${version}`, kind };
}

function unreachable(what: string, cause: unknown): KubeError {
  const detail = cause instanceof Error ? cause.message : String(cause);
  return new KubeError(
    { status: 0, reason: codeOf(cause), message: `${what}: ${detail}` },
    { cause },
  );
}

function codeOf(cause: unknown): string {
  const code = (cause as { code?: unknown } | null)?.code;
  return typeof code === 'string' ? code : 'Unreachable';
}

/** Milliseconds until the next try, or undefined when there should be none. */
function retryDelay(error: unknown, attempt: number): number | undefined {
  if (!(error instanceof KubeError) || attempt >= MAX_ATTEMPTS) return undefined;
  if (error.status === 429) return error.retryAfterMs ?? 250 * attempt;
  if (error.status === 401) return attempt === 1 ? 0 : undefined;
  return error.reason === 'ECONNREFUSED' ? 100 * 2 ** attempt : undefined;
}
