import { createGunzip } from 'node:zlib';
import { Readable } from 'node:stream';
import { Parser, type ReadEntry } from 'tar';
import type { SourceFile } from '../../operator/bind/bundle.ts';
import {
  checkedFiles,
  checkPath,
  MAX_FILES,
  MAX_SOURCE_BYTES,
} from '../../operator/sources/files.ts';
import { messageOf } from '../../runtime/errors.ts';
import { SourceProblem } from '../../operator/sources/problem.ts';

/** Files, and what is passed over: folders and links to commands. */
const MAX_ENTRIES = 3 * MAX_FILES;
/** Of the tar itself: the files, and for each entry a head, the fill of its last block and a long name. */
const MAX_INFLATED_BYTES = MAX_SOURCE_BYTES + MAX_ENTRIES * 2048;
/** Beyond this what was packed better than any code is a bomb; below it may well be a table of zeros. */
const RATIO_ASKED_FROM = 32 * 1024 * 1024;
const MAX_RATIO = 200;
/** Names that go deeper are no packages of anybody. */
const MAX_DEPTH = 128;
const PIECE = 64 * 1024;

/**
 * The files of a tar or tar.gz, in memory. Folders go without saying; links and
 * devices are refused, since a guest's file system would follow them. It may take all of a
 * processor for seconds: it runs in a thread of its own (docs/adr/0030).
 * @throws SourceProblem naming the entry, or the bound that the archive breaks
 */
export async function unpackTar(archive: Buffer): Promise<readonly SourceFile[]> {
  const files: Promise<SourceFile>[] = [];
  let entries = 0;
  let bytes = 0;
  const take = (entry: ReadEntry): void => {
    entries += 1;
    bytes += entry.size;
    if (bytes > MAX_SOURCE_BYTES || entries > MAX_ENTRIES) throw tooLarge();
    const path = pathOf(entry);
    if (path === undefined) entry.resume();
    else if (files.length === MAX_FILES) throw tooLarge();
    else files.push(fileOf(path, entry));
  };
  await parse(archive, take);
  if (files.length === 0) throw invalid('it holds no files');
  return checkedFiles(unique(await Promise.all(files)));
}

async function parse(archive: Buffer, take: (entry: ReadEntry) => void): Promise<undefined> {
  const { promise, resolve, reject } = Promise.withResolvers<undefined>();
  const parser: Parser = new Parser({
    strict: true,
    // Unpacked below, within bounds: the parser would unpack what is packed twice, and in other ways.
    brotli: false,
    zstd: false,
    onReadEntry: (entry) => {
      try {
        take(entry);
      } catch (error) {
        reject(error);
        entry.resume();
        parser.abort(error as Error);
      }
    },
  });
  parser.on('end', () => {
    resolve(undefined);
  });
  parser.on('error', (error) => {
    reject(invalid(messageOf(error)));
  });
  parser.on('ignoredEntry', ({ type }: ReadEntry) => {
    reject(invalid(`an entry of the type ${type} is too large, or not understood`));
    parser.abort(new Error('ignored entry'));
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

async function* inflated(archive: Buffer): AsyncGenerator<Buffer> {
  let bytes = 0;
  for await (const piece of isGzip(archive) ? gunzipped(archive) : pieces(archive)) {
    bytes += piece.length;
    if (bytes > MAX_INFLATED_BYTES) throw tooLarge();
    if (bytes > RATIO_ASKED_FROM && bytes > MAX_RATIO * archive.length) {
      throw new SourceProblem(
        'SourceTooLarge',
        `the archive unpacks to more than ${MAX_RATIO} times its size`,
      );
    }
    yield piece;
  }
}

async function* gunzipped(archive: Buffer): AsyncGenerator<Buffer> {
  try {
    yield* Readable.from(pieces(archive)).pipe(createGunzip({ chunkSize: PIECE }));
  } catch (error) {
    throw invalid(messageOf(error));
  }
}

function* pieces(bytes: Buffer): Generator<Buffer> {
  for (let at = 0; at < bytes.length; at += PIECE) yield bytes.subarray(at, at + PIECE);
}

function isGzip(bytes: Buffer): boolean {
  return bytes[0] === 0x1f && bytes[1] === 0x8b;
}

/** Undefined for what is passed over: folders, and the links to commands that npm makes. */
function pathOf(entry: ReadEntry): string | undefined {
  const path = entry.path.replace(/^(\.\/)+/, '');
  if (entry.type === 'Directory' || entry.type === 'GNUDumpDir') return undefined;
  if (entry.type === 'SymbolicLink' && /(^|\/)node_modules\/\.bin\//.test(path)) return undefined;
  if (entry.type !== 'File' && entry.type !== 'OldFile' && entry.type !== 'ContiguousFile') {
    const name = JSON.stringify(entry.path.slice(0, 200));
    throw invalid(`${name} is a ${entry.type}; only files and folders are allowed`);
  }
  checkPath(path);
  if (path.split('/').length > MAX_DEPTH) {
    const name = JSON.stringify(path.slice(0, 200));
    throw new SourceProblem('PathInvalid', `path ${name} is deeper than ${MAX_DEPTH} folders`);
  }
  return path;
}

async function fileOf(path: string, entry: ReadEntry): Promise<SourceFile> {
  return { path, content: Buffer.concat(await entry.collect()) };
}

/** A later entry of the same path replaces an earlier one, as tar does when it unpacks. */
function unique(files: readonly SourceFile[]): SourceFile[] {
  return [...new Map(files.map((file) => [file.path, file])).values()];
}

function invalid(detail: string): SourceProblem {
  return new SourceProblem('ArchiveInvalid', `the archive cannot be unpacked: ${detail}`);
}

function tooLarge(): SourceProblem {
  const limits = `${MAX_SOURCE_BYTES} bytes and ${MAX_FILES} files`;
  return new SourceProblem('SourceTooLarge', `the archive unpacks to more than ${limits}`);
}
