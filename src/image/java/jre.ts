import { execFile } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync } from 'node:fs';
import { copyFile, mkdir, readFile, utimes } from 'node:fs/promises';
import { join } from 'node:path';
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

/** What functions may expect of a JRE without a screen. */
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

/** Not compressed: that made the start 20 ms longer here. */
const JLINK = ['--strip-debug', '--no-header-files', '--no-man-pages', '--compress=0'];

/** The guests' collector: what the archive holds of the heap is made for it. */
const COLLECTOR = '-XX:+UseSerialGC';

/**
 * An archive is of use only with a jar of the same path: a relative one is the
 * same here and in a guest, whose working directory is /.
 */
const JAR = 'agent/agent.jar';
const ARCHIVE = 'agent/agent.jsa';
const CLASSES = 'classes.txt';

const run = promisify(execFile);

/**
 * A JRE made by jlink, the agent's jar, and an archive of the classes that a rehearsed agent has
 * loaded (class data sharing); once for the same JDK and jar, since no two archives
 * are laid out alike (docs/adr/0023).
 * @throws Error with what the JDK's tool says
 */
export async function javaRoot(options: JavaRootOptions): Promise<JavaRoot> {
  const { jdk, agentJar, cacheDir, progress } = options;
  const hash = createHash('sha256').update([jdk.version, ...MODULES, ...JLINK].join('\n'));
  hash.update(await readFile(agentJar));
  const folder = join(cacheDir, 'osv-faas', 'java', `root-${hash.digest('hex').slice(0, 16)}`);
  if (!existsSync(folder)) {
    progress(`making a JRE of JDK ${jdk.version}, once`);
    await fillFolder(folder, (target) => make(options, target));
  }
  return { folder, words: [COLLECTOR, `-XX:SharedArchiveFile=${ARCHIVE}`, '-jar', JAR] };
}

async function make({ jdk, agentJar }: JavaRootOptions, target: string): Promise<void> {
  const jlink = join(jdk.home, 'bin', 'jlink');
  const output = ['--output', join(target, 'jre')];
  await tool(jlink, ['--add-modules', MODULES.join(','), ...JLINK, ...output], target);
  await mkdir(join(target, 'agent'));
  await copyFile(agentJar, join(target, JAR));
  // Without a time the JVM does not compare it: an image has none.
  await utimes(join(target, JAR), 0, 0);
  const java = join(target, 'jre', 'bin', 'java');
  const list = ['-Xshare:off', COLLECTOR, `-XX:DumpLoadedClassList=${CLASSES}`];
  await tool(java, [...list, '-jar', JAR, 'rehearse'], target);
  const dump = ['-Xshare:dump', COLLECTOR, `-XX:SharedClassListFile=${CLASSES}`];
  await tool(java, [...dump, `-XX:SharedArchiveFile=${ARCHIVE}`, '-cp', JAR], target);
}

async function tool(file: string, args: readonly string[], cwd: string): Promise<void> {
  try {
    await run(file, [...args], { cwd, env: { LC_ALL: 'C.UTF-8', TZ: 'UTC', TMPDIR: cwd } });
  } catch (cause) {
    const { stderr = '', stdout = '' } = cause as { stderr?: string; stdout?: string };
    throw new Error(`${file} ${args.join(' ')} failed:\n${stdout}${stderr}`, { cause });
  }
}
