import { createHash } from 'node:crypto';
import { existsSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { fillFolder } from '../../runtime/fill-folder.ts';
import { compile, filesBelow, writeJar } from './compile.ts';
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
/** `System.getenv` is made to show each function its own (host/ScopedEnv.java). */
const MANIFEST = `Main-Class: io.osv.faas.agent.Main
Add-Opens: java.base/java.lang java.base/java.util
`;

/**
 * Compiles the Java agent, once for the same sources and JDK.
 * The jars have the same bytes whenever and wherever they are made.
 * @throws Error with what the compiler says
 */
export async function agentJars({ jdk, cacheDir }: AgentJarOptions): Promise<AgentJars> {
  const sources = await filesBelow(SOURCES);
  const hash = createHash('sha256').update(`${jdk.version}\n${MANIFEST}`);
  for (const source of sources)
    hash.update(`${source}\n`).update(await readFile(join(SOURCES, source)));
  const folder = join(cacheDir, 'osv-faas', 'java', `agent-${hash.digest('hex').slice(0, 16)}`);
  const jars = { agent: join(folder, 'agent.jar'), api: join(folder, 'osv-faas-api.jar') };
  if (!existsSync(jars.agent)) await fillFolder(folder, (target) => build(jdk, sources, target));
  return jars;
}

async function build(jdk: Jdk, sources: readonly string[], target: string): Promise<void> {
  const classes = join(target, 'classes');
  await compile(jdk, { folder: SOURCES, sources, classes });
  const all = await filesBelow(classes);
  const api = all.filter((name) => !name.startsWith('io/osv/faas/agent/'));
  await writeJar(jdk, { file: join(target, 'osv-faas-api.jar'), classes, names: api });
  await writeJar(jdk, { file: join(target, 'agent.jar'), classes, manifest: MANIFEST });
}
