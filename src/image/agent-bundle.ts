import { fileURLToPath } from 'node:url';

/** The Node agent as the image holds it: names below /agent and what the files hold. */
export type AgentBundle = ReadonlyMap<string, Uint8Array>;

/** What starts a thread of its own is a file of its own. */
const ENTRY_POINTS = { 'main.js': 'main', 'thread.js': 'watchdog/thread' };

/**
 * Bundles the agent of this checkout (or of this package's dist) into `main.js`
 * and the watchdog's `thread.js`: a guest opens two files instead of fifty. The
 * same sources give the same bytes. CommonJS, since Node runs its main module at
 * once then, without the ES module loader; user modules load as ever.
 */
export async function bundleAgent(): Promise<AgentBundle> {
  const { build } = await import('esbuild');
  const extension = import.meta.url.endsWith('.ts') ? 'ts' : 'js';
  const folder = fileURLToPath(new URL('../agent/', import.meta.url));
  const { outputFiles } = await build({
    entryPoints: Object.entries(ENTRY_POINTS).map(([out, path]) => ({
      in: `${folder}${path}.${extension}`,
      out: out.slice(0, -'.js'.length),
    })),
    absWorkingDir: folder,
    outdir: folder,
    write: false,
    bundle: true,
    minify: true,
    // Errors of the agent's own name their classes.
    keepNames: true,
    platform: 'node',
    target: 'node24',
    format: 'cjs',
    define: { 'import.meta.filename': '__filename', 'import.meta.dirname': '__dirname' },
    logLevel: 'silent',
  });
  return new Map(outputFiles.map(({ path, contents }) => [path.slice(folder.length), contents]));
}
