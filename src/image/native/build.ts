import { execFile } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync } from 'node:fs';
import { readdir, readFile } from 'node:fs/promises';
import { join, relative } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { fillFolder } from '../../runtime/fill-folder.ts';

/** What is made of src/agent-native. */
export interface NativeAgent {
  /** The same program on Linux and in OSv. */
  readonly agent: string;
  /** What OSv's kernel loads into each program that the agent starts (environ/environ.c). */
  readonly environ: string;
}

export interface NativeAgentOptions {
  /** Folder in which what was made is kept. */
  readonly cacheDir: string;
  readonly progress?: (line: string) => void;
}

/** In the checkout and in the package alike: two folders up from src/image/native or dist/image/native is src. */
const SOURCES = fileURLToPath(new URL('../../../src/agent-native', import.meta.url));

/**
 * OSv gives signals to the process, not to a thread, and Go preempts its threads by one:
 * the agent must never be the thread that a program's signal was meant for.
 */
const LINKER_FLAGS = '-s -w -buildid= -X runtime.godebugDefault=asyncpreemptoff=1';
const GO = ['build', '-buildmode=pie', '-trimpath', '-buildvcs=false', `-ldflags=${LINKER_FLAGS}`];
const ENVIRON =
  '-std=gnu17 -Wall -Wextra -Werror -O2 -fPIC -fno-builtin -shared -s -Wl,--build-id=none';

const run = promisify(execFile);

/**
 * Builds the native agent, once for the same sources and compilers.
 * @throws Error that says which compiler is missing, or what it says
 */
export async function nativeAgent(options: NativeAgentOptions): Promise<NativeAgent> {
  const folder = join(options.cacheDir, 'osv-faas', 'native', `agent-${await inputs()}`);
  const built = { agent: join(folder, 'native'), environ: join(folder, 'libenviron.so') };
  if (!existsSync(built.environ)) {
    options.progress?.('building the native agent, once');
    await fillFolder(folder, build);
  }
  return built;
}

/** Digest of the sources and of what compiles them. */
async function inputs(): Promise<string> {
  const versions = [
    await tool('go', ['version'], NO_GO),
    await tool('g++', ['--version'], NO_COMPILER),
  ];
  const hash = createHash('sha256').update(`${versions.join('')}${GO.join(' ')}${ENVIRON}`);
  for (const file of await sourceFiles()) {
    hash.update(`${file}\n`).update(await readFile(join(SOURCES, file)));
  }
  return hash.digest('hex').slice(0, 16);
}

const NO_GO =
  'no Go: the native agent is built on this machine. Install Go 1.24 or later (https://go.dev/dl)';
const NO_COMPILER =
  'no C++ compiler: the native agent is built on this machine with gcc and g++ ' +
  '(Debian: apt-get install g++)';

async function build(target: string): Promise<void> {
  await tool('go', [...GO, '-o', join(target, 'native'), '.'], NO_GO);
  const library = join(target, 'libenviron.so');
  await tool('gcc', [...ENVIRON.split(' '), '-o', library, 'environ/environ.c'], NO_COMPILER);
}

async function tool(name: string, args: readonly string[], missing: string): Promise<string> {
  const env = { ...process.env, CGO_ENABLED: '1', GOFLAGS: '', GOTOOLCHAIN: 'local' };
  try {
    const { stdout } = await run(name, [...args], { cwd: SOURCES, env });
    return stdout;
  } catch (cause) {
    const { code, stderr = '', message } = cause as Error & { code?: unknown; stderr?: string };
    const why = code === 'ENOENT' ? missing : `${name} failed:\n${stderr || message}`;
    throw new Error(why, { cause });
  }
}

async function sourceFiles(): Promise<string[]> {
  const entries = await readdir(SOURCES, { recursive: true, withFileTypes: true });
  return entries
    .filter((entry) => entry.isFile())
    .map((entry) => relative(SOURCES, join(entry.parentPath, entry.name)))
    .sort();
}
