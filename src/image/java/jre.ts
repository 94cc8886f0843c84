import { execFile } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync } from 'node:fs';
import { copyFile, mkdir, readFile, utimes } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { fillFolder } from '../../runtime/fill-folder.ts';
import type { Jdk } from './jdk.ts';

/** A folder as the root of an image has it: jre/ and agent/. */
export interface JavaRoot {
  readonly folder: string;
  /** Words that start the agent when the working directory is that folder. */
  readonly words: readonly string[];
}

export interface JavaRootOptions {
  readonly jdk: Jdk;
  readonly agentJar: string;
  readonly cacheDir: string;
  readonly progress: (line: string) => void;
}

/** What functions may expect of a JRE without a screen; java.base alone would be 13 MB less. */
const MODULES = [
  'java.base',
  'java.instrument',
  'java.logging',
  'java.management',
  'java.naming',
  'java.net.http',
  'java.sql',
  'java.xml',
  'jdk.charsets',
  'jdk.crypto.ec',
  'jdk.management',
  'jdk.unsupported',
  'jdk.zipfs',
];

/** Not compressed: classes come out of the archive, and the rest the faster. */
const JLINK = ['--strip-debug', '--no-header-files', '--no-man-pages', '--compress=0'];

/** An archive is of use only with a jar of the same path: a relative one is the same here and in a guest, whose folder is /. */
const JAR = 'agent/agent.jar';
const ARCHIVE = 'agent/agent.jsa';

/** What the archive holds; a class that is missing here, or not there any more, is only slower. */
export const CLASS_LIST = fileURLToPath(
  new URL('../../../src/agent-java/classes.txt', import.meta.url),
);

/** The collector of the guests; and the same identity hash for every object: the archive would otherwise differ from dump to dump. */
const SAME_BYTES = ['-XX:+UnlockExperimentalVMOptions', '-XX:hashCode=2', '-XX:+UseSerialGC'];

const run = promisify(execFile);

/**
 * A JRE made by jlink, the agent's jar, and an archive of the classes that a rehearsed agent has
 * loaded (class data sharing); once for the same JDK and jar.
 * @throws Error with what the JDK's tool says
 */
export async function javaRoot(options: JavaRootOptions): Promise<JavaRoot> {
  const { jdk, agentJar, cacheDir, progress } = options;
  const inputs = [jdk.version, ...MODULES, ...JLINK, ...SAME_BYTES].join('\n');
  const hash = createHash('sha256')
    .update(inputs)
    .update(await readFile(agentJar));
  const folder = join(cacheDir, 'osv-faas', 'java', `root-${hash.digest('hex').slice(0, 16)}`);
  if (!existsSync(folder)) {
    progress(`making a JRE of JDK ${jdk.version}, once`);
    await fillFolder(folder, (target) => make(options, target));
  }
  return { folder, words: [`-XX:SharedArchiveFile=${ARCHIVE}`, '-jar', JAR] };
}

async function make({ jdk, agentJar }: JavaRootOptions, target: string): Promise<void> {
  const jlink = join(jdk.home, 'bin', 'jlink');
  const output = ['--output', join(target, 'jre')];
  await tool(jlink, ['--add-modules', MODULES.join(','), ...JLINK, ...output], target);
  await mkdir(join(target, 'agent'));
  await copyFile(agentJar, join(target, JAR));
  // Times go into the archive, and one that is none is not compared: in an image there are none.
  for (const file of [JAR, 'jre/lib/modules']) await utimes(join(target, file), 0, 0);
  const archive = [`-XX:SharedClassListFile=${CLASS_LIST}`, `-XX:SharedArchiveFile=${ARCHIVE}`];
  const java = join(target, 'jre', 'bin', 'java');
  await tool(java, ['-Xshare:dump', ...SAME_BYTES, ...archive, '-cp', JAR], target);
}

/**
 * The classes that an agent loads until it has rehearsed, as the archive wants them. Not the same from
 * run to run: threads that meet or miss each other load one more or less. So images take a list that was made once.
 */
export async function loadedClasses(
  jdk: Jdk,
  agentJar: string,
  temporary: string,
): Promise<string> {
  const list = join(temporary, 'loaded.txt');
  const dump = ['-Xshare:off', `-XX:DumpLoadedClassList=${list}`, '-XX:+UseSerialGC'];
  await tool(join(jdk.home, 'bin', 'java'), [...dump, '-jar', agentJar, 'rehearse'], temporary);
  const lines = (await readFile(list, 'utf8'))
    .split('\n')
    .map((line) => line.replace(/ id: .*/, ''));
  const wanted = lines.filter((line) => line !== '' && !line.startsWith('#'));
  return `${[...new Set(wanted)].sort().join('\n')}\n`;
}

async function tool(file: string, args: readonly string[], cwd: string): Promise<void> {
  try {
    await run(file, [...args], { cwd, env: { LC_ALL: 'C.UTF-8', TZ: 'UTC', TMPDIR: cwd } });
  } catch (cause) {
    const { stderr = '', stdout = '' } = cause as { stderr?: string; stdout?: string };
    throw new Error(`${file} ${args.join(' ')} failed:\n${stdout}${stderr}`, { cause });
  }
}
