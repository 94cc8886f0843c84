/** Java in tests: the agent of this checkout, and functions compiled against its API. */
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { userCacheDir } from '../../src/cli/environment.ts';
import { agentJars } from '../../src/image/java/agent-jar.ts';
import { compile, filesBelow, writeJar } from '../../src/image/java/compile.ts';
import { findJdk } from '../../src/image/java/jdk.ts';

const jdk = await findJdk();

export const jars = await agentJars({ jdk, cacheDir: userCacheDir(process.env) });
export const java = join(jdk.home, 'bin', 'java');

/** Compiles the sources below a folder; answers the class files by path. */
export function compileJava(folder: string): Promise<ReadonlyMap<string, Buffer>> {
  return inTemporary(async (temporary) => {
    const target = join(temporary, 'classes');
    const sources = await filesBelow(folder);
    await compile(jdk, { folder, sources, classes: target, classPath: jars.api });
    const files = await filesBelow(target);
    return new Map(files.map((path) => [path, readFileSync(join(target, path))]));
  });
}

/** The files as a jar. */
export function jarOf(files: ReadonlyMap<string, Buffer>): Promise<Buffer> {
  return inTemporary(async (temporary) => {
    const target = join(temporary, 'classes');
    for (const [path, bytes] of files) {
      mkdirSync(dirname(join(target, path)), { recursive: true });
      writeFileSync(join(target, path), bytes);
    }
    const file = join(temporary, 'test.jar');
    await writeJar(jdk, { file, classes: target });
    return readFileSync(file);
  });
}

/** The files of one class: its own, and those of classes inside it. */
export function classFiles(
  classes: ReadonlyMap<string, Buffer>,
  name: string,
): Readonly<Record<string, Buffer>> {
  const path = name.replaceAll('.', '/');
  const isOwn = (file: string): boolean =>
    file === `${path}.class` || (file.startsWith(`${path}$`) && file.endsWith('.class'));
  return Object.fromEntries([...classes].filter(([file]) => isOwn(file)));
}

async function inTemporary<T>(task: (folder: string) => Promise<T>): Promise<T> {
  const folder = mkdtempSync(join(tmpdir(), 'java-test-'));
  try {
    return await task(folder);
  } finally {
    rmSync(folder, { recursive: true });
  }
}
