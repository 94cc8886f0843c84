import { Parser, type ReadEntry } from 'tar';
import type { SourceFile } from '../../operator/bind/bundle.ts';
import { messageOf } from '../../runtime/errors.ts';
import { Entries, invalid, isCommandLink, plain, quoted } from './entries.ts';
import { inflated, isGzip } from './gzip.ts';

const FILES = new Set<string>(['File', 'OldFile', 'ContiguousFile']);
const FOLDERS = new Set<string>(['Directory', 'GNUDumpDir']);
/** Attributes of a file whose holes were left out, as `tar --sparse` writes it. */
const SPARSE = /^\d+ GNU\.sparse\./m;

/** The files of a tar or tar.gz. @throws SourceProblem naming the entry, or the bound that the archive breaks */
export async function unpackTar(archive: Buffer): Promise<readonly SourceFile[]> {
  const members = new Members();
  await parse(archive, members);
  return members.files();
}

/** What is read of an archive so far. */
class Members {
  readonly #entries = new Entries();
  /** A later entry of the same path replaces an earlier one, as tar does when it unpacks. */
  readonly #files = new Map<string, { content: Promise<Buffer[]>; size: number }>();
  #sparse = false;

  /** Attributes of the next entry. */
  attributes(text: string): void {
    this.#sparse ||= SPARSE.test(text);
  }

  /** @throws SourceProblem for an entry that becomes no file and may not be passed over */
  take(entry: ReadEntry): void {
    const { type, size } = entry;
    this.#entries.count(size);
    if (this.#sparse) throw invalid(`${quoted(entry.path)} is sparse; pack it without --sparse`);
    if (type === 'Link') {
      this.#link(entry);
    } else if (FILES.has(type)) {
      this.#files.set(this.#entries.file(entry.path), { content: entry.collect(), size });
      return;
    } else if (!isPassedOver(entry)) {
      const allowed = 'only files, folders and links to files before them are allowed';
      throw invalid(`${quoted(entry.path)} is a ${type}; ${allowed}`);
    }
    entry.resume();
  }

  async files(): Promise<SourceFile[]> {
    this.#entries.end();
    const all = [...this.#files].map(async ([path, { content }]) => ({
      path,
      content: Buffer.concat(await content),
    }));
    return Promise.all(all);
  }

  /** A second name of a file that came before, as GNU tar writes what has several on the disk. */
  #link({ path, linkpath = '' }: ReadEntry): void {
    const target = this.#files.get(plain(linkpath));
    if (target === undefined) {
      const detail = `${quoted(path)} is a link to ${quoted(linkpath)}, which is no file before it`;
      throw invalid(detail);
    }
    this.#entries.count(target.size);
    this.#files.set(this.#entries.file(path), target);
  }
}

function isPassedOver({ type, path }: ReadEntry): boolean {
  return FOLDERS.has(type) || (type === 'SymbolicLink' && isCommandLink(path));
}

async function parse(archive: Buffer, members: Members): Promise<undefined> {
  const { promise, resolve, reject } = Promise.withResolvers<undefined>();
  const refuse = (error: unknown): void => {
    reject(error);
    parser.abort(error as Error);
  };
  const parser: Parser = new Parser({
    strict: true,
    // Unpacked below, within bounds: the parser would unpack what is packed twice, and in other ways.
    brotli: false,
    zstd: false,
    onReadEntry: (entry) => {
      try {
        members.take(entry);
      } catch (error) {
        entry.resume();
        refuse(error);
      }
    },
  });
  parser.on('meta', (text: string) => {
    members.attributes(text);
  });
  parser.on('end', () => {
    resolve(undefined);
  });
  parser.on('error', (error) => {
    reject(invalid(messageOf(error)));
  });
  parser.on('ignoredEntry', ({ type, path }: ReadEntry) => {
    refuse(invalid(`${quoted(path)}, a ${type}, is too large, or not understood`));
  });
  // Whichever comes first: nothing is unpacked any more once an entry was refused.
  await Promise.race([promise, feed(parser, archive)]);
  return promise;
}

async function feed(parser: Parser, archive: Buffer): Promise<void> {
  const ended = new AbortController();
  const end = (): void => {
    ended.abort();
  };
  // What stands behind the end of an archive is not looked at, as tar does: the parser would keep it all.
  parser.on('abort', end).on('eof', end);
  let first = true;
  for await (const piece of inflated(archive)) {
    if (first && isGzip(piece)) throw invalid('it is compressed twice');
    first = false;
    parser.write(piece);
    if (ended.signal.aborted) break;
  }
  parser.end();
}
