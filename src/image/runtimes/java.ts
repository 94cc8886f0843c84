import { tmpdir } from 'node:os';
import { readdir } from 'node:fs/promises';
import { join, relative } from 'node:path';
import { guestLibraryPath, libraryClosure } from '../elf/closure.ts';
import { libraryFolders } from '../elf/folders.ts';
import { agentJars } from '../java/agent-jar.ts';
import { findJdk } from '../java/jdk.ts';
import { javaRoot } from '../java/jre.ts';
import type { Entry, FileTree } from '../tree.ts';
import type { RuntimeFiles, RuntimeOptions } from './runtime.ts';

/** A JRE of a JDK of this machine, the agent, and the archive of its classes. */
export async function javaRuntime(options: RuntimeOptions): Promise<RuntimeFiles> {
  const { cacheDir = join(tmpdir(), 'osv-faas-cache'), progress } = options;
  const jdk = await findJdk(options.runtimePath);
  progress(`Java ${jdk.version} from ${jdk.home}`);
  const agentJar = options.agentPath ?? (await agentJars({ jdk, cacheDir })).agent;
  const root = await javaRoot({ jdk, agentJar, cacheDir, progress });
  const files = await filesOf(root.folder, jdk.version);
  const programs = sourcesOf(files).filter((file) => /\/bin\/java$|\.so$/.test(file));
  // The JRE's own libraries are found beside each other, at the place where the guest has them too.
  const own = new Set(programs.map((file) => file.slice(file.lastIndexOf('/') + 1)));
  const libraries = await libraryClosure(programs, [
    join(root.folder, 'jre', 'lib'),
    join(root.folder, 'jre', 'lib', 'server'),
    ...options.libraryPaths,
    ...(await libraryFolders()),
  ]);
  const foreign = [...libraries].filter(([name]) => !own.has(name));
  for (const [name, file] of foreign) progress(`library ${name} from ${file}`);
  return {
    files: new Map<string, Entry>([
      ...files,
      ...foreign.map(([name, source]): [string, Entry] => [
        guestLibraryPath(name),
        { kind: 'file', source },
      ]),
    ]),
    command: ['/jre/bin/java', ...root.words],
  };
}

async function filesOf(root: string, version: string): Promise<FileTree> {
  const folders = await Promise.all([
    filesBelow(join(root, 'jre')),
    filesBelow(join(root, 'agent')),
  ]);
  return new Map(
    folders.flat().map((source): [string, Entry] => {
      const path = `/${relative(root, source)}`;
      return [path, { kind: 'file', source, ...(path === '/jre/bin/java' ? { version } : {}) }];
    }),
  );
}

async function filesBelow(folder: string): Promise<string[]> {
  const entries = await readdir(folder, { recursive: true, withFileTypes: true });
  return entries
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath, entry.name))
    .sort();
}

function sourcesOf(files: FileTree): string[] {
  return [...files.values()].flatMap((entry) => (entry.kind === 'file' ? [entry.source] : []));
}
