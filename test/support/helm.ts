/**
 * Helm for tests: of the PATH, of the user's cache, or built through the Go
 * module proxy (three to four minutes, once for a machine).
 */
import { execFile } from 'node:child_process';
import { accessSync, constants, mkdirSync } from 'node:fs';
import { delimiter, join } from 'node:path';
import { parseAllDocuments } from 'yaml';
import { userCacheDir } from '../../src/cli/environment.ts';
import { KUBERNETES_VERSION } from '../../src/local/controlplane/binaries/version.ts';
import type { KubeObject } from '../../src/runtime/kube.ts';
import { root } from './paths.ts';

export const HELM_VERSION = '3.22.0';
export const chart = join(root, 'charts', 'osv-faas');

/** For the hook of a file that may have to build Helm. */
export const HELM_TIMEOUT_MS = 900_000;

/** $1: folder of the cache. Who comes second waits for the first one's. */
const BUILD = `
  test -x "$1/helm" && exit
  export GOBIN="$1.partial"
  go install -ldflags '-s -w' helm.sh/helm/v3/cmd/helm@v${HELM_VERSION} && mv -T "$GOBIN" "$1"
`;

export interface Result {
  readonly code: number;
  readonly stdout: string;
  readonly stderr: string;
}

let acquired: Promise<string> | undefined;

/** Path of Helm 3. */
export function acquireHelm(): Promise<string> {
  acquired ??= acquire();
  return acquired;
}

async function acquire(): Promise<string> {
  for (const folder of (process.env['PATH'] ?? '').split(delimiter)) {
    const file = join(folder, 'helm');
    if (isExecutable(file) && (await isVersion3(file))) return file;
  }
  const folder = join(userCacheDir(process.env), 'osv-faas', 'helm', HELM_VERSION);
  const file = join(folder, 'helm');
  if (!isExecutable(file)) await build(folder);
  return file;
}

async function isVersion3(file: string): Promise<boolean> {
  const { code, stdout } = await run(file, ['version', '--template', '{{.Version}}']);
  return code === 0 && stdout.startsWith('v3.');
}

async function build(folder: string): Promise<void> {
  mkdirSync(join(folder, '..'), { recursive: true });
  process.stderr.write(`helm: building ${HELM_VERSION} with Go; 3 to 4 minutes, once\n`);
  const { code, stderr } = await run(
    'flock',
    [`${folder}.lock`, 'sh', '-c', BUILD, 'build', folder],
    '',
    HELM_TIMEOUT_MS,
  );
  if (code !== 0) {
    throw new Error(
      `Helm 3 is not on the PATH and cannot be built with Go: ${stderr.slice(-2000)}`,
    );
  }
}

/** Never rejects for an exit code. */
export async function helm(args: readonly string[], input?: string): Promise<Result> {
  return run(await acquireHelm(), args, input);
}

export interface RenderOptions {
  readonly namespace: string;
  readonly release?: string;
  readonly args?: readonly string[];
}

/** What the chart makes of `values`, without a cluster. */
export function template(values: unknown, options: RenderOptions): Promise<Result> {
  const { namespace, release = 'osv-faas', args = [] } = options;
  const where = ['--namespace', namespace, '--kube-version', KUBERNETES_VERSION];
  const all = ['template', release, chart, ...where, '--values', '-', ...args];
  return helm(all, JSON.stringify(values));
}

/** @throws Error with Helm's message when the values are refused */
export async function render(
  values: unknown,
  options: RenderOptions,
): Promise<readonly KubeObject[]> {
  const { code, stdout, stderr } = await template(values, options);
  if (code !== 0) throw new Error(stderr);
  return objectsOf(stdout);
}

/** YAML as Kubernetes reads it: version 1.1. */
export function objectsOf(text: string): readonly KubeObject[] {
  const documents = parseAllDocuments(text, { version: '1.1', merge: true });
  if (!Array.isArray(documents)) return [];
  return documents
    .map((one) => one.toJS() as KubeObject | null)
    .filter((object) => object !== null);
}

function isExecutable(file: string): boolean {
  try {
    accessSync(file, constants.X_OK);
    return true;
  } catch {
    return false;
  }
}

function run(
  file: string,
  args: readonly string[],
  input = '',
  timeout = 120_000,
): Promise<Result> {
  return new Promise((resolve) => {
    const options = { timeout, maxBuffer: 64 * 1024 * 1024 };
    const child = execFile(file, [...args], options, (error, stdout, stderr) => {
      const code = error === null ? 0 : typeof error.code === 'number' ? error.code : 1;
      resolve({ code, stdout, stderr: stderr === '' ? (error?.message ?? '') : stderr });
    });
    child.stdin?.on('error', () => undefined).end(input);
  });
}
