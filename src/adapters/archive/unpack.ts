import type { SourceFile } from '../../operator/bind/bundle.ts';
import { checkedFiles } from '../../operator/sources/files.ts';
import { invalid } from './entries.ts';
import { unpackTar } from './tar.ts';
import { unpackZip } from './zip.ts';

/** First bytes of what people call an archive and what is none that is read here. */
const OTHERS: readonly (readonly [string, string])[] = [
  ['28b52ffd', 'zstd'],
  ['425a68', 'bzip2'],
  ['fd377a585a00', 'xz'],
  ['377abcaf271c', '7z'],
  ['526172211a07', 'rar'],
];
/** Of an entry, of the end of one without entries, and of one that was split and is whole. */
const ZIP = ['504b0304', '504b0506', '504b3030504b0304'];

/**
 * The files of a tar, tar.gz or zip, in memory. Folders go without saying; links that a guest's file
 * system would follow, and devices, are refused. It may take all of a processor for seconds: it runs in a
 * thread of its own (docs/adr/0030).
 * @throws SourceProblem naming the entry, or the bound that the archive breaks
 */
export async function unpack(archive: Buffer): Promise<readonly SourceFile[]> {
  const head = archive.toString('hex', 0, 8);
  const other = OTHERS.find(([mark]) => head.startsWith(mark));
  if (other !== undefined) throw invalid(`it is ${other[1]}; pack it as tar.gz or zip`);
  const isZip = ZIP.some((mark) => head.startsWith(mark));
  return checkedFiles(await (isZip ? unpackZip(archive) : unpackTar(archive)));
}
