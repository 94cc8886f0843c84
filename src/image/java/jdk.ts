import { execFile } from 'node:child_process';
import { readdir, realpath } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { promisify } from 'node:util';

/** A Java Development Kit: what compiles the agent and makes a JRE. */
export interface Jdk {
  readonly home: string;
  readonly version: string;
}

/** Where Linux distributions put them. */
const SYSTEM = '/usr/lib/jvm';
/** The agent is written for it, and the JRE of an image is measured with it. */
const RELEASE = 17;

const run = promisify(execFile);

/**
 * The JDK to use: the one that is named, that of JAVA_HOME, of the PATH, or one in /usr/lib/jvm;
 * of these a 17 before a later one.
 * @throws Error when there is none
 */
export async function findJdk(named?: string): Promise<Jdk> {
  if (named !== undefined) {
    const jdk = await jdkAt(named);
    if (jdk === undefined) throw new Error(`${named} is no JDK ${RELEASE} or later`);
    return jdk;
  }
  const found = await Promise.all((await places()).map(jdkAt));
  const jdks = found.filter((jdk) => jdk !== undefined);
  const jdk = jdks.find(({ version }) => releaseOf(version) === RELEASE) ?? jdks[0];
  if (jdk === undefined) {
    throw new Error(
      `no JDK ${RELEASE} or later: the Java agent is compiled here. Install one ` +
        '(Debian: apt-get install openjdk-17-jdk-headless) or name its folder in JAVA_HOME',
    );
  }
  return jdk;
}

async function places(): Promise<string[]> {
  const { JAVA_HOME, PATH = '' } = process.env;
  const onPath = await Promise.all(
    PATH.split(':').map((folder) => realpath(join(folder, 'javac')).catch(() => undefined)),
  );
  const system = await readdir(SYSTEM).catch(() => []);
  return [
    ...(JAVA_HOME === undefined || JAVA_HOME === '' ? [] : [JAVA_HOME]),
    ...onPath.filter((javac) => javac !== undefined).map((javac) => dirname(dirname(javac))),
    ...system.toSorted().map((name) => join(SYSTEM, name)),
  ];
}

async function jdkAt(home: string): Promise<Jdk | undefined> {
  try {
    const { stdout } = await run(join(home, 'bin', 'javac'), ['-version']);
    const version = stdout.trim().replace(/^javac /, '');
    return releaseOf(version) >= RELEASE ? { home: await realpath(home), version } : undefined;
  } catch {
    return undefined;
  }
}

function releaseOf(version: string): number {
  return Number(/^(\d+)/.exec(version)?.[1] ?? 0);
}
