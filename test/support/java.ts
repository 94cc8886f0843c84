/** Java in tests: the agent of this checkout, and functions compiled against its API. */
import { execFile } from 'node:child_process';
import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, relative } from 'node:path';
import { promisify } from 'node:util';
import { userCacheDir } from '../../src/cli/environment.ts';
import { agentJars } from '../../src/image/java/agent-jar.ts';
import { findJdk } from '../../src/image/java/jdk.ts';

const jdk = await findJdk();

export const jars = await agentJars({ jdk, cacheDir: userCacheDir(process.env) });
export const java = join(jdk.home, 'bin', 'java');

/** Compiles the sources below a folder; answers the class files by path. */
export async function compileJava(sources: string): Promise<ReadonlyMap<string, Buffer>> {
  const folder = mkdtempSync(join(tmpdir(), 'java-test-'));
  try {
    const files = filesBelow(sources).map((file) => join(sources, file));
    const args = ['--release', '17', '-cp', jars.api, '-d', folder, ...files];
    await promisify(execFile)(join(jdk.home, 'bin', 'javac'), args);
    return new Map(filesBelow(folder).map((path) => [path, readFileSync(join(folder, path))]));
  } finally {
    rmSync(folder, { recursive: true });
  }
}

/** The files of one class: its own, and those of classes inside it. */
export function classFiles(
  classes: ReadonlyMap<string, Buffer>,
  name: string,
): Readonly<Record<string, Buffer>> {
  const path = name.replaceAll('.', '/');
  const own = [...classes].filter(
    ([file]) => /^(\$.*)?\.class$/.test(file.slice(path.length)) && file.startsWith(path),
  );
  return Object.fromEntries(own);
}

function filesBelow(folder: string): string[] {
  return readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => relative(folder, join(entry.parentPath, entry.name)))
    .sort();
}
