import { execFile } from 'node:child_process';
import { realpath } from 'node:fs/promises';
import { promisify } from 'node:util';
import { guestLibraryPath, libraryClosure } from '../elf/closure.ts';
import { libraryFolders } from '../elf/folders.ts';
import { interruptPatches } from '../elf/ring0.ts';
import { tlsWarning } from '../elf/tls.ts';
import { messageOf } from '../../runtime/errors.ts';
import { mergeTrees, type Entry, type FileTree } from '../tree.ts';
import { bundledAgent } from './agent-bundle.ts';
import type { RuntimeFiles, RuntimeOptions } from './runtime.ts';

/** A Node binary, by default the one that runs this, as it is but for what must not run in ring 0; and the agent. */
export async function nodeRuntime(options: RuntimeOptions): Promise<RuntimeFiles> {
  const node = await realpath(options.runtimePath ?? process.execPath);
  const libraries = await libraryClosure(
    [node],
    [...options.libraryPaths, ...(await libraryFolders())],
  );
  const version = await versionOf(node);
  options.progress(`Node ${version} from ${node}`);
  const warning = await tlsWarning(node);
  if (warning !== undefined) options.progress(warning);
  for (const [name, file] of libraries) options.progress(`library ${name} from ${file}`);
  const patches = await interruptPatches(node);
  options.progress(`${patches.length} places of ${node} patched that would turn interrupts off`);
  const files: FileTree = new Map<string, Entry>([
    ['/node', { kind: 'file', source: node, version, patches }],
    ...[...libraries].map(([name, source]): [string, Entry] => [
      guestLibraryPath(name),
      { kind: 'file', source },
    ]),
  ]);
  return {
    files: mergeTrees(files, await bundledAgent(options.agentPath)),
    command: ['/node', '/agent/main.js'],
  };
}

async function versionOf(node: string): Promise<string> {
  if (node === process.execPath) return process.versions.node;
  const { stdout } = await promisify(execFile)(node, ['--version']).catch((cause: unknown) => {
    throw new Error(`${node}: cannot be run: ${messageOf(cause)}`, { cause });
  });
  const version = /^v(\d+\.\d+\.\d+\S*)\n$/.exec(stdout)?.[1];
  if (version === undefined) throw new Error(`${node}: is not Node: it says no version`);
  return version;
}
