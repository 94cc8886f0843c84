import { spawn, type ChildProcess } from 'node:child_process';
import { symlink } from 'node:fs/promises';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { fillFolder } from '../../../runtime/fill-folder.ts';
import { COMPONENTS, KUBERNETES_VERSION } from './version.ts';

export interface BuildOptions {
  readonly sourceDir: string;
  readonly progress: (line: string) => void;
  readonly go?: string | undefined;
}

const PROGRAM = 'controlplane';
/** Kubernetes is some 2,300 packages; a line for each would hide what matters. */
const REPORT_EVERY = 200;
const LAST_LINES = 15;

/**
 * Builds the multi-call program of `hack/controlplane`, with one link for each component.
 * @throws Error when there is no Go, or with the last lines that it printed
 */
export async function buildBinaries(target: string, options: BuildOptions): Promise<void> {
  options.progress(
    `building Kubernetes ${KUBERNETES_VERSION} with Go; 5 to 10 minutes, once for this machine`,
  );
  await fillFolder(target, async (folder) => {
    await goBuild(join(folder, PROGRAM), options);
    for (const name of COMPONENTS) await symlink(PROGRAM, join(folder, name));
  });
  options.progress(`built Kubernetes ${KUBERNETES_VERSION}`);
}

/** Without these the server says it is v0.0.0-master, which clients' version checks dislike. */
function versionFlags(): string {
  const [major = '', minor = ''] = KUBERNETES_VERSION.split('.');
  const variables = { gitVersion: `v${KUBERNETES_VERSION}`, gitMajor: major, gitMinor: minor };
  const flags = Object.entries(variables).flatMap(([name, value]) =>
    ['component-base/version', 'client-go/pkg/version'].map(
      (pkg) => `-X k8s.io/${pkg}.${name}=${value}`,
    ),
  );
  return ['-s', '-w', ...flags].join(' ');
}

async function goBuild(output: string, options: BuildOptions): Promise<void> {
  const args = ['build', '-v', '-ldflags', versionFlags(), '-o', output, '.'];
  const child = spawn(options.go ?? 'go', args, {
    cwd: options.sourceDir,
    stdio: ['ignore', 'ignore', 'pipe'],
  });
  const last = follow(child, options.progress);
  const code = await new Promise<number | null>((resolve, reject) => {
    child.once('error', (cause) => {
      reject(notStarted(cause));
    });
    child.once('close', resolve);
  });
  if (code !== 0) {
    throw new Error(`go build ended with ${code ?? 'a signal'}:\n${last.join('\n')}`);
  }
}

function notStarted(cause: NodeJS.ErrnoException): Error {
  const why =
    cause.code === 'ENOENT'
      ? 'no Go: the releases of Kubernetes cannot be had and "go" is not on the PATH. ' +
        'Install Go (1.21 or later fetches the version that is needed), or name a folder with ' +
        `${COMPONENTS.join(', ')} in KUBEBUILDER_ASSETS`
      : `go cannot be started: ${cause.message}`;
  return new Error(why, { cause });
}

/** Counts what Go prints into a line now and then; answers the last lines, which say what went wrong. */
function follow(child: ChildProcess, progress: (line: string) => void): readonly string[] {
  const last: string[] = [];
  let packages = 0;
  if (child.stderr === null) return last;
  createInterface({ input: child.stderr }).on('line', (line) => {
    last.push(line);
    if (last.length > LAST_LINES) last.shift();
    if (line.startsWith('go: downloading')) return;
    packages += 1;
    if (packages % REPORT_EVERY === 0) progress(`compiled ${packages} packages of about 2,300`);
  });
  return last;
}
