import { existsSync } from 'node:fs';
import { basename } from 'node:path';
import { fileURLToPath } from 'node:url';
import { build, type Plugin } from 'esbuild';
import type { Entry, FileTree } from '../tree.ts';

const FOLDER = '/agent';
/** esbuild's target is what the agent needs, not the newest: docs/agent.md. */
const TARGET = 'node24';
/** From a checkout the sources, from a package what tsc made of them; both are two folders up. */
const ENTRIES = ['main', 'agent', 'watchdog/thread'];

/**
 * V8 reads a file to its end before it runs the first line: what the first answer does not
 * need is a file of its own. Modules that both need are in both, and hold nothing that is shared.
 */
const REST: Plugin = {
  name: 'rest',
  setup(bundle) {
    bundle.onResolve({ filter: /^\.\/agent\.[jt]s$/ }, ({ kind }) =>
      kind === 'dynamic-import' ? { path: './agent.js', external: true } : undefined,
    );
  },
};

/**
 * The agent as few files as possible: main.js, agent.js which it loads after its first answer, and
 * thread.js for the watchdog. Opening and compiling each module of its own costs a guest time.
 * @param entry another main file, which then is all there is
 */
export async function bundledAgent(entry?: string): Promise<FileTree> {
  const entryPoints = entry === undefined ? ENTRIES.map(sourceOf) : [entry];
  const { outputFiles } = await build({
    entryPoints: entryPoints.map((file, index) => ({
      in: file,
      out: index === 0 ? 'main' : basename(file).replace(/\.[^.]+$/, ''),
    })),
    bundle: true,
    ...(entry === undefined ? { plugins: [REST] } : {}),
    write: false,
    outdir: FOLDER,
    minify: true,
    // Stacks and errors name what they name in the sources.
    keepNames: true,
    platform: 'node',
    // Runs at once, without the ES module loader: see docs/agent.md for what that saves.
    format: 'cjs',
    target: TARGET,
    define: { 'import.meta.filename': '__filename', 'import.meta.dirname': '__dirname' },
    legalComments: 'none',
    logLevel: 'silent',
    // Paths in the output would differ from folder to folder.
    absWorkingDir: fileURLToPath(new URL('../../', import.meta.url)),
  });
  return new Map(
    outputFiles.map(({ path, contents }): [string, Entry] => [
      path,
      { kind: 'bytes', bytes: contents },
    ]),
  );
}

function sourceOf(name: string): string {
  const [source, built] = ['ts', 'js'].map((extension) =>
    fileURLToPath(new URL(`../../agent/${name}.${extension}`, import.meta.url)),
  ) as [string, string];
  return existsSync(source) ? source : built;
}
