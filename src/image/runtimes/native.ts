import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { guestLibraryPath, libraryClosure } from '../elf/closure.ts';
import { libraryFolders } from '../elf/folders.ts';
import { nativeAgent } from '../native/build.ts';
import type { Entry, FileTree } from '../tree.ts';
import type { RuntimeFiles, RuntimeOptions } from './runtime.ts';

/**
 * The native agent and what programs need that it starts. Of libraries the kernel brings C and
 * C++; libgcc_s, which Rust needs too, comes along with the agent's own. A program's others lie
 * beside it (docs/native.md).
 */
export async function nativeRuntime(options: RuntimeOptions): Promise<RuntimeFiles> {
  const { cacheDir = join(tmpdir(), 'osv-faas-cache'), progress } = options;
  const built = await nativeAgent({ cacheDir, progress });
  const agent = options.agentPath ?? built.agent;
  const libraries = await libraryClosure(
    [agent],
    [...options.libraryPaths, ...(await libraryFolders())],
  );
  for (const [name, file] of libraries) progress(`library ${name} from ${file}`);
  const files: FileTree = new Map<string, Entry>([
    ['/agent/native', { kind: 'file', source: agent }],
    ['/usr/lib/libenviron.so', { kind: 'file', source: built.environ }],
    ...[...libraries].map(([name, source]): [string, Entry] => [
      guestLibraryPath(name),
      { kind: 'file', source },
    ]),
  ]);
  return { files, command: ['/agent/native'] };
}
