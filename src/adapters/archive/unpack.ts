import { setImmediate } from 'node:timers/promises';
import { Parser, type ReadEntry } from 'tar';
import type { SourceFile } from '../../operator/bind/bundle.ts';
import { checkPath, MAX_FILES, MAX_SOURCE_BYTES } from '../../operator/sources/files.ts';
import { SourceProblem } from '../../operator/sources/problem.ts';

const PIECE = 64 * 1024;
/** Files, and what is passed over: folders and links to commands. */
const MAX_ENTRIES = 3 * MAX_FILES;

/**
 * The files of a tar or tar.gz, in memory. Folders go without saying; links and
 * devices are refused, since a guest's file system would follow them.
 * @throws SourceProblem naming the entry
 */
export async function unpackTar(archive: Buffer): Promise<readonly SourceFile[]> {
  const files: Promise<SourceFile>[] = [];
  let entries = 0;
  let bytes = 0;
  const take = (entry: ReadEntry): void => {
    const path = pathOf(entry);
    entries += 1;
    bytes += entry.size;
    if (bytes > MAX_SOURCE_BYTES || entries > MAX_ENTRIES) throw tooLarge();
    if (path === undefined) entry.resume();
    else if (files.length === MAX_FILES) throw tooLarge();
    else files.push(fileOf(path, entry));
  };
  await parse(archive, take);
  if (files.length === 0) throw invalid('it holds no files');
  return unique(await Promise.all(files));
}

async function parse(archive: Buffer, take: (entry: ReadEntry) => void): Promise<undefined> {
  const { promise, resolve, reject } = Promise.withResolvers<undefined>();
  const parser: Parser = new Parser({
    strict: true,
    // What it unpacks to is bounded above; how well it was packed does not matter.
    maxDecompressionRatio: Infinity,
    onReadEntry: (entry) => {
      try {
        take(entry);
      } catch (error) {
        reject(error);
        // Nothing more is unpacked: what follows may be gigabytes of the same.
        entry.resume();
        parser.abort(error as Error);
      }
    },
  });
  parser.on('end', () => {
    resolve(undefined);
  });
  parser.on('error', (error) => {
    reject(invalid(error instanceof Error ? error.message : String(error)));
  });
  await Promise.race([promise, feed(parser, archive)]);
  return promise;
}

/** In pieces, between which others have their turn and a refusal takes effect: a little may unpack to gigabytes. */
async function feed(parser: Parser, archive: Buffer): Promise<void> {
  const end = new AbortController();
  parser.on('abort', () => {
    end.abort();
  });
  for (let at = 0; at < archive.length && !end.signal.aborted; at += PIECE) {
    parser.write(archive.subarray(at, at + PIECE));
    await setImmediate();
  }
  parser.end();
}

/** Undefined for what is passed over: folders, and the links to commands that npm makes. */
function pathOf(entry: ReadEntry): string | undefined {
  const path = entry.path.replace(/^(\.\/)+/, '');
  if (entry.type === 'Directory' || entry.type === 'GNUDumpDir') return undefined;
  if (entry.type === 'SymbolicLink' && /(^|\/)node_modules\/\.bin\//.test(path)) return undefined;
  if (entry.type !== 'File' && entry.type !== 'OldFile' && entry.type !== 'ContiguousFile') {
    throw invalid(`${entry.path} is a ${entry.type}; only files and folders are allowed`);
  }
  checkPath(path);
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
