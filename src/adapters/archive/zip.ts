import { crc32 } from 'node:zlib';
import { fromBufferPromise, type Entry, type ZipFile } from 'yauzl';
import type { SourceFile } from '../../operator/bind/bundle.ts';
import { SourceProblem } from '../../operator/sources/problem.ts';
import { messageOf } from '../../runtime/errors.ts';
import { checkRatio, Entries, invalid, isCommandLink, quoted } from './entries.ts';

/** In the high byte of what made the archive: its attributes are those of Unix. */
const UNIX = 3;
/** Of the mode, what kind of file it is. */
const KIND = 0o170000;
const KINDS: Readonly<Record<number, string>> = {
  0o010000: 'FIFO',
  0o020000: 'CharacterDevice',
  0o060000: 'BlockDevice',
  0o120000: 'SymbolicLink',
  0o140000: 'Socket',
};

/** The files of a zip. @throws SourceProblem naming the entry, or the bound that the archive breaks */
export async function unpackZip(archive: Buffer): Promise<readonly SourceFile[]> {
  try {
    return await unpack(archive);
  } catch (error) {
    throw error instanceof SourceProblem ? error : invalid(messageOf(error));
  }
}

async function unpack(archive: Buffer): Promise<readonly SourceFile[]> {
  const zip = await fromBufferPromise(archive, { strictFileNames: true });
  const entries = new Entries();
  // A later entry of the same path replaces an earlier one, as unzip -o does.
  const files = new Map<string, Buffer>();
  let bytes = 0;
  for await (const entry of zip.eachEntry()) {
    entries.count(entry.uncompressedSize);
    if (isPassedOver(entry)) continue;
    const path = entries.file(entry.fileName);
    bytes += entry.uncompressedSize;
    checkRatio(bytes, archive.length);
    files.set(path, await contentOf(zip, entry));
  }
  entries.end();
  return [...files].map(([path, content]) => ({ path, content }));
}

function isPassedOver({ fileName, versionMadeBy, externalFileAttributes }: Entry): boolean {
  if (fileName.endsWith('/')) return true;
  const mode = versionMadeBy >>> 8 === UNIX ? externalFileAttributes >>> 16 : 0;
  const kind = KINDS[mode & KIND];
  if (kind === undefined) return false;
  if (kind === 'SymbolicLink' && isCommandLink(fileName)) return true;
  throw invalid(`${quoted(fileName)} is a ${kind}; only files and folders are allowed`);
}

/** The reader ends it where it is longer than declared. */
async function contentOf(zip: ZipFile, entry: Entry): Promise<Buffer> {
  const name = quoted(entry.fileName);
  if (entry.isEncrypted()) throw invalid(`${name} is encrypted`);
  if (!entry.canDecodeFileData()) {
    throw invalid(`${name} is packed by method ${entry.compressionMethod}; pack it by deflate`);
  }
  const pieces: Buffer[] = [];
  for await (const piece of await zip.openReadStreamPromise(entry)) pieces.push(piece as Buffer);
  const content = Buffer.concat(pieces);
  if (crc32(content) !== entry.crc32) throw invalid(`${name} is not what its checksum says`);
  return content;
}
