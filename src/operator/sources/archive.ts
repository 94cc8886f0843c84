import { createHash } from 'node:crypto';
import { redactUrl } from '../../domain/redact.ts';
import type { SourceFile } from '../bind/bundle.ts';
import { download } from './download.ts';
import { checkedFiles } from './files.ts';
import type { SourceNetworks } from './networks.ts';
import { SourceProblem } from './problem.ts';
import { Turns } from './turns.ts';

/** Unpacks a tar or tar.gz; throws SourceProblem for what must not be unpacked. */
export type Unpack = (
  archive: Buffer<ArrayBuffer>,
  signal: AbortSignal,
) => Promise<readonly SourceFile[]>;

/** Contents that are kept for a next Function of the same archive. */
const KEPT_BYTES = 128 * 1024 * 1024;
/** Each holds an archive in memory. */
const AT_ONCE = 4;

export interface ArchiveRef {
  readonly url: string;
  readonly sha256: string;
  /** Who asks: what one namespace may read another may not, though it knows the digest. */
  readonly namespace: string;
  readonly headers: Readonly<Record<string, string>>;
}

export interface ArchivesOptions {
  readonly unpack: Unpack;
  /** Where archives may come from, now. */
  readonly networks: () => Promise<SourceNetworks>;
}

interface Kept {
  readonly files: readonly SourceFile[];
  readonly bytes: number;
}

/** Downloads archives and keeps the latest, for whoever shows the same URL and the same headers. */
export class Archives {
  readonly #options: ArchivesOptions;
  readonly #turns = new Turns(AT_ONCE);
  /** The latest last. */
  readonly #kept = new Map<string, Kept>();
  #bytes = 0;

  constructor(options: ArchivesOptions) {
    this.#options = options;
  }

  /** @throws SourceProblem naming cause and redacted URL; the signal's reason */
  files(ref: ArchiveRef, signal: AbortSignal): Promise<readonly SourceFile[]> {
    const key = keyOf(ref);
    // In turns: the second Function of a namespace finds what the first has brought.
    return this.#turns.run(ref.namespace, signal, async () => {
      const known = this.#kept.get(key);
      const files = known?.files ?? (await this.#load(ref, signal));
      this.#keep(key, files);
      return files;
    });
  }

  async #load(
    { url, sha256, headers }: ArchiveRef,
    signal: AbortSignal,
  ): Promise<readonly SourceFile[]> {
    const networks = await this.#options.networks();
    const archive = await download(url, { networks, headers, signal });
    const actual = createHash('sha256').update(archive).digest('hex');
    if (actual !== sha256) {
      const detail = `${redactUrl(url)} has the SHA-256 ${actual}, spec.source.archive.sha256 says ${sha256}`;
      throw new SourceProblem('DigestMismatch', detail);
    }
    return checkedFiles(await this.#options.unpack(archive, signal));
  }

  #keep(key: string, files: readonly SourceFile[]): void {
    this.#forget(key);
    const bytes = files.reduce((sum, { content }) => sum + content.length, 0);
    this.#kept.set(key, { files, bytes });
    this.#bytes += bytes;
    for (const oldest of this.#kept.keys()) {
      if (this.#bytes <= KEPT_BYTES) return;
      this.#forget(oldest);
    }
  }

  #forget(key: string): void {
    this.#bytes -= this.#kept.get(key)?.bytes ?? 0;
    this.#kept.delete(key);
  }
}

/** A digest: nothing of the headers stays in memory. */
function keyOf({ namespace, url, sha256, headers }: ArchiveRef): string {
  const all = JSON.stringify([namespace, url, sha256, Object.entries(headers).sort()]);
  return createHash('sha256').update(all).digest('hex');
}
