import { accessSync, constants } from 'node:fs';
import { join } from 'node:path';
import { messageOf } from '../../../runtime/errors.ts';
import { buildBinaries } from './build.ts';
import { downloadBinaries, type DownloadOptions } from './download.ts';
import { COMPONENTS, KUBERNETES_VERSION, type Component } from './version.ts';

/** Absolute path of each program. */
export type Binaries = Readonly<Record<Component, string>>;

export interface AcquireOptions {
  /** A folder that may have the programs already, as `KUBEBUILDER_ASSETS` names it. */
  readonly assetsDir?: string | undefined;
  /** The user's cache folder, such as `~/.cache`. */
  readonly cacheDir: string;
  /** Where the Go module is that makes the programs: `hack/controlplane`. */
  readonly sourceDir: string;
  /** Told of every step, a line at a time: some of them take minutes. */
  readonly progress: (line: string) => void;
  readonly download?: DownloadOptions | undefined;
  /** The Go command, `go` of the PATH when absent. */
  readonly go?: string | undefined;
}

export function cacheFolder(cacheDir: string): string {
  return join(cacheDir, 'osv-faas', 'controlplane', KUBERNETES_VERSION);
}

/**
 * The programs of the control plane from the first place that has them: the
 * assets folder, the cache, the official releases, a build with Go. What is
 * downloaded or built lands in the cache, all or nothing.
 * @throws Error that says what was tried, when no way is left
 */
export async function acquireBinaries(options: AcquireOptions): Promise<Binaries> {
  const cache = cacheFolder(options.cacheDir);
  return (
    fromAssets(options) ??
    complete(cache) ??
    (await fromReleases(cache, options)) ??
    (await fromSource(cache, options))
  );
}

function fromAssets({ assetsDir, progress }: AcquireOptions): Binaries | undefined {
  if (assetsDir === undefined || assetsDir === '') return undefined;
  const missing = COMPONENTS.filter((name) => !isExecutable(join(assetsDir, name)));
  if (missing.length === 0) return pathsIn(assetsDir);
  progress(`KUBEBUILDER_ASSETS=${assetsDir} is not used: no ${missing.join(', ')} there`);
  return undefined;
}

/** Undefined unless every program is there: a folder gets its name only when it is whole, but people delete files. */
function complete(folder: string): Binaries | undefined {
  const whole = COMPONENTS.every((name) => isExecutable(join(folder, name)));
  return whole ? pathsIn(folder) : undefined;
}

async function fromReleases(cache: string, options: AcquireOptions): Promise<Binaries | undefined> {
  try {
    await downloadBinaries(cache, options.progress, options.download);
    return pathsIn(cache);
  } catch (error) {
    options.progress(`releases are not used: ${messageOf(error)}`);
    return undefined;
  }
}

async function fromSource(cache: string, options: AcquireOptions): Promise<Binaries> {
  await buildBinaries(cache, options);
  return pathsIn(cache);
}

function pathsIn(folder: string): Binaries {
  const paths = COMPONENTS.map((name) => [name, join(folder, name)]);
  return Object.fromEntries(paths) as Binaries;
}

function isExecutable(file: string): boolean {
  try {
    accessSync(file, constants.X_OK);
    return true;
  } catch {
    return false;
  }
}
