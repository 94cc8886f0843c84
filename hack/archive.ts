import { createHash } from 'node:crypto';
import { cpSync, mkdirSync, mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, relative } from 'node:path';
import { create } from 'tar';

/** One sample as an archive: its own files, and packages of ours below its node_modules. */
export interface SampleArchive {
  readonly folder: string;
  /** Package to the files of it that are needed at run time. */
  readonly packages: Readonly<Record<string, readonly string[]>>;
}

/**
 * A tar of the same bytes from the same files: sorted, without times and owners,
 * and not compressed, since zlib's output differs between versions.
 */
export async function archiveOf(
  root: string,
  { folder, packages }: SampleArchive,
): Promise<{ bytes: Buffer; sha256: string }> {
  const stage = mkdtempSync(join(tmpdir(), 'osv-faas-archive-'));
  try {
    cpSync(join(root, folder), stage, { recursive: true });
    for (const [name, files] of Object.entries(packages)) {
      const target = join(stage, 'node_modules', name);
      mkdirSync(target, { recursive: true });
      for (const file of files) cpSync(join(root, 'node_modules', name, file), join(target, file));
    }
    const chunks: Buffer[] = [];
    const options = { cwd: stage, portable: true, noMtime: true, noDirRecurse: true } as const;
    for await (const chunk of create(options, filesBelow(stage))) chunks.push(chunk);
    const bytes = Buffer.concat(chunks);
    return { bytes, sha256: createHash('sha256').update(bytes).digest('hex') };
  } finally {
    rmSync(stage, { recursive: true });
  }
}

function filesBelow(folder: string): string[] {
  return readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile() && !entry.name.endsWith('.csv'))
    .map((entry) => relative(folder, join(entry.parentPath, entry.name)))
    .sort();
}
