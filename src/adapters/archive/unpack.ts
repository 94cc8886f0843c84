import { Parser, type ReadEntry } from 'tar';
import type { SourceFile } from '../../operator/bind/bundle.ts';
import { checkPath, MAX_FILES, MAX_SOURCE_BYTES } from '../../operator/sources/files.ts';
import { SourceProblem } from '../../operator/sources/problem.ts';

/**
 * The files of a tar or tar.gz, in memory. Folders go without saying; links and
 * devices are refused, since a guest's file system would follow them.
 * @throws SourceProblem naming the entry
 */
export async function unpackTar(archive: Buffer): Promise<readonly SourceFile[]> {
  const files: Promise<SourceFile>[] = [];
  let bytes = 0;
  const take = (entry: ReadEntry): void => {
    const path = pathOf(entry);
    bytes += entry.size;
    if (bytes > MAX_SOURCE_BYTES || files.length > MAX_FILES) throw tooLarge();
    if (path === undefined) entry.resume();
    else files.push(fileOf(path, entry));
  };
  await parse(archive, take);
  if (files.length === 0) throw invalid('it holds no files');
  return unique(await Promise.all(files));
}

function parse(archive: Buffer, take: (entry: ReadEntry) => void): Promise<undefined> {
  const { promise, resolve, reject } = Promise.withResolvers<undefined>();
  const parser = new Parser({
    strict: true,
    onReadEntry: (entry) => {
      try {
        take(entry);
      } catch (error) {
        reject(error);
        entry.resume();
      }
    },
  });
  parser.on('end', () => {
    resolve(undefined);
  });
  parser.on('error', (error) => {
    reject(invalid(error instanceof Error ? error.message : String(error)));
  });
  parser.end(archive);
  return promise;
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
