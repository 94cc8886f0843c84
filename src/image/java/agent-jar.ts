import { execFile } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync } from 'node:fs';
import { readdir, readFile, utimes, writeFile } from 'node:fs/promises';
import { join, relative } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { fillFolder } from '../../runtime/fill-folder.ts';
import type { Jdk } from './jdk.ts';

/** What is made of src/agent-java. */
export interface AgentJars {
  /** The agent and the API. */
  readonly agent: string;
  /** What functions are compiled against. */
  readonly api: string;
}

export interface AgentJarOptions {
  readonly jdk: Jdk;
  /** Folder in which what was made is kept. */
  readonly cacheDir: string;
}

/** In the checkout and in the package alike: two folders up from src/image/java or dist/image/java is src. */
const SOURCES = fileURLToPath(new URL('../../../src/agent-java', import.meta.url));
const RELEASE = '17';
/** Stands in the jar in place of any time: the earliest that a zip can say, in UTC. */
const DATE = '1980-01-01T00:00:02Z';
/** `System.getenv` is made to show each function its own (host/ScopedEnv.java). */
const MANIFEST = `Main-Class: io.osv.faas.agent.Main
Add-Opens: java.base/java.lang java.base/java.util
`;

const run = promisify(execFile);

/**
 * Compiles the Java agent, once for the same sources and JDK.
 * The jars have the same bytes whenever and wherever they are made.
 * @throws Error with what the compiler says
 */
export async function agentJars({ jdk, cacheDir }: AgentJarOptions): Promise<AgentJars> {
  const sources = await filesBelow(SOURCES);
  const hash = createHash('sha256').update(`${jdk.version}\n${MANIFEST}`);
  for (const source of sources) hash.update(`${source}\n`).update(await readFile(join(SOURCES, source)));
  const folder = join(cacheDir, 'osv-faas', 'java', `agent-${hash.digest('hex').slice(0, 16)}`);
  const jars = { agent: join(folder, 'agent.jar'), api: join(folder, 'osv-faas-api.jar') };
  if (!existsSync(jars.agent)) await fillFolder(folder, (target) => build(jdk, sources, target));
  return jars;
}

async function build(jdk: Jdk, sources: readonly string[], target: string): Promise<void> {
  const classes = join(target, 'classes');
  const list = join(target, 'sources.txt');
  await writeFile(list, sources.map((source) => `"${join(SOURCES, source)}"\n`).join(''));
  const args = ['--release', RELEASE, '-g:source,lines', '-Xlint:all', '-Werror'];
  await java(jdk, 'javac', [...args, '-encoding', 'UTF-8', '-d', classes, `@${list}`]);
  const all = await filesBelow(classes);
  await writeFile(join(target, 'manifest.txt'), MANIFEST);
  const manifest = ['--manifest', join(target, 'manifest.txt')];
  await jar(jdk, { file: join(target, 'agent.jar'), classes, names: all, extra: manifest });
  const api = all.filter((name) => !name.startsWith('io/osv/faas/agent/'));
  await jar(jdk, { file: join(target, 'osv-faas-api.jar'), classes, names: api, extra: [] });
}

interface JarOptions {
  readonly file: string;
  readonly classes: string;
  readonly names: readonly string[];
  readonly extra: readonly string[];
}

async function jar(jdk: Jdk, { file, classes, names, extra }: JarOptions): Promise<void> {
  const entries = names.flatMap((name) => ['-C', classes, name]);
  const list = `${file}.txt`;
  await writeFile(list, entries.map((word) => `"${word}"\n`).join(''));
  await java(jdk, 'jar', ['--create', '--file', file, `--date=${DATE}`, ...extra, `@${list}`]);
  // An archive of loaded classes compares the jar's time unless there is none (jre.ts).
  await utimes(file, 0, 0);
}

async function java(jdk: Jdk, tool: string, args: readonly string[]): Promise<void> {
  try {
    await run(join(jdk.home, 'bin', tool), [...args], { env: { LC_ALL: 'C.UTF-8', TZ: 'UTC' } });
  } catch (cause) {
    const { stderr = '', stdout = '' } = cause as { stderr?: string; stdout?: string };
    throw new Error(`${tool} of JDK ${jdk.version} failed:\n${stdout}${stderr}`, { cause });
  }
}

async function filesBelow(folder: string): Promise<string[]> {
  const entries = await readdir(folder, { recursive: true, withFileTypes: true });
  return entries
    .filter((entry) => entry.isFile())
    .map((entry) => relative(folder, join(entry.parentPath, entry.name)))
    .sort();
}
