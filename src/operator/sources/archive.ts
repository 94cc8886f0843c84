import { createHash } from 'node:crypto';
import { request, type Dispatcher } from 'undici';
import { redact, redactUrl } from '../../domain/redact.ts';
import { messageOf } from '../../runtime/errors.ts';
import type { SourceFile } from '../bind/bundle.ts';
import { checkedFiles } from './files.ts';
import { SourceProblem } from './problem.ts';

/** Unpacks a tar or tar.gz; throws SourceProblem for what must not be unpacked. */
export type Unpack = (
  archive: Buffer<ArrayBuffer>,
  signal: AbortSignal,
) => Promise<readonly SourceFile[]>;

/** Compressed bytes of an archive. */
export const MAX_ARCHIVE_BYTES = 64 * 1024 * 1024;
const TIMEOUT_MS = 30_000;
const KEPT = 32;

export interface ArchiveRef {
  readonly url: string;
  readonly sha256: string;
}

/** Downloads archives and keeps the latest, by digest: the same digest is never downloaded twice. */
export class Archives {
  readonly #unpack: Unpack;
  readonly #kept = new Map<string, Promise<readonly SourceFile[]>>();

  constructor(unpack: Unpack) {
    this.#unpack = unpack;
  }

  /** @throws SourceProblem naming cause and redacted URL */
  async files(ref: ArchiveRef): Promise<readonly SourceFile[]> {
    const known = this.#kept.get(ref.sha256);
    if (known !== undefined) return known;
    const loading = this.#load(ref);
    this.#kept.set(ref.sha256, loading);
    // A failure is not kept: the next try downloads again.
    loading.catch(() => this.#kept.delete(ref.sha256));
    this.#forgetOldest();
    return loading;
  }

  async #load({ url, sha256 }: ArchiveRef): Promise<readonly SourceFile[]> {
    const archive = await download(url);
    const actual = createHash('sha256').update(archive).digest('hex');
    if (actual !== sha256) {
      const detail = `${redactUrl(url)} has the SHA-256 ${actual}, spec.source.archive.sha256 says ${sha256}`;
      throw new SourceProblem('DigestMismatch', detail);
    }
    return checkedFiles(await this.#unpack(archive, new AbortController().signal));
  }

  #forgetOldest(): void {
    for (const key of this.#kept.keys()) {
      if (this.#kept.size <= KEPT) return;
      this.#kept.delete(key);
    }
  }
}

async function download(url: string): Promise<Buffer<ArrayBuffer>> {
  try {
    const answer = await request(url, {
      headersTimeout: TIMEOUT_MS,
      bodyTimeout: TIMEOUT_MS,
      signal: AbortSignal.timeout(4 * TIMEOUT_MS),
    });
    if (answer.statusCode !== 200) {
      await answer.body.dump();
      throw new SourceProblem('DownloadFailed', `${redactUrl(url)} answered ${answer.statusCode}`);
    }
    return await bounded(url, answer.body);
  } catch (error) {
    if (error instanceof SourceProblem) throw error;
    // Without the cause, which names addresses and perhaps more.
    const detail = `${redactUrl(url)}: ${redact(messageOf(error))}`;
    throw new SourceProblem('DownloadFailed', detail);
  }
}

async function bounded(
  url: string,
  body: Dispatcher.ResponseData['body'],
): Promise<Buffer<ArrayBuffer>> {
  const chunks: Buffer[] = [];
  let bytes = 0;
  for await (const chunk of body as AsyncIterable<Buffer>) {
    bytes += chunk.length;
    if (bytes > MAX_ARCHIVE_BYTES) {
      body.destroy();
      const detail = `${redactUrl(url)} is larger than ${MAX_ARCHIVE_BYTES} bytes`;
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
