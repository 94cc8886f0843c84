import { checkPath, MAX_FILES, MAX_SOURCE_BYTES } from '../../operator/sources/files.ts';
import { SourceProblem } from '../../operator/sources/problem.ts';

/** Files, and what is passed over: folders and links to commands. */
export const MAX_ENTRIES = 3 * MAX_FILES;
/** Beyond this what was packed better than any code is a bomb; below it may well be a table of zeros. */
const RATIO_ASKED_FROM = 32 * 1024 * 1024;
const MAX_RATIO = 200;
/** Names that go deeper are no packages of anybody. */
const MAX_DEPTH = 128;

/** What entries an archive may have, and how much may come out of it, of whatever kind it is. */
export class Entries {
  #entries = 0;
  #files = 0;
  #bytes = 0;

  /** One more. @param size of its content, as declared; @throws SourceProblem */
  count(size: number): void {
    this.#entries += 1;
    this.#bytes += size;
    if (this.#bytes > MAX_SOURCE_BYTES || this.#entries > MAX_ENTRIES) throw tooLarge();
  }

  /** One that becomes a file. @returns its path; @throws SourceProblem */
  file(name: string): string {
    const path = plain(name);
    this.#files += 1;
    if (this.#files > MAX_FILES) throw tooLarge();
    checkPath(path);
    if (path.split('/').length > MAX_DEPTH) {
      const detail = `path ${quoted(path)} is deeper than ${MAX_DEPTH} folders`;
      throw new SourceProblem('PathInvalid', detail);
    }
    return path;
  }

  /** @throws SourceProblem when there is no file */
  end(): void {
    if (this.#files === 0) throw invalid('it holds no files');
  }
}

/** A path as archives of a folder have it: "./a" is "a". */
export function plain(name: string): string {
  return name.replace(/^(\.\/)+/, '');
}

/** The links to commands that npm makes: nothing in a VM calls them. */
export function isCommandLink(name: string): boolean {
  return /(^|\/)node_modules\/\.bin\//.test(name);
}

/** @param packed bytes of the archive; @throws SourceProblem when that much cannot be code */
export function checkRatio(unpacked: number, packed: number): void {
  if (unpacked <= RATIO_ASKED_FROM || unpacked <= MAX_RATIO * packed) return;
  const detail = `the archive unpacks to more than ${MAX_RATIO} times its size`;
  throw new SourceProblem('SourceTooLarge', detail);
}

export function quoted(name: string): string {
  return JSON.stringify(name.slice(0, 200));
}

export function invalid(detail: string): SourceProblem {
  return new SourceProblem('ArchiveInvalid', `the archive cannot be unpacked: ${detail}`);
}

export function tooLarge(): SourceProblem {
  const limits = `${MAX_SOURCE_BYTES} bytes and ${MAX_FILES} files`;
  return new SourceProblem('SourceTooLarge', `the archive unpacks to more than ${limits}`);
}
