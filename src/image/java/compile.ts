import { execFile } from 'node:child_process';
import { readdir, utimes, writeFile } from 'node:fs/promises';
import { join, relative } from 'node:path';
import { promisify } from 'node:util';
import type { Jdk } from './jdk.ts';

const RELEASE = '17';
/** Stands in a jar in place of any time: the earliest that a zip can say, in UTC. */
const DATE = '1980-01-01T00:00:02Z';

const run = promisify(execFile);

export interface Compilation {
  readonly folder: string;
  /** Relative to the folder. */
  readonly sources: readonly string[];
  /** Where the class files go. */
  readonly classes: string;
  readonly classPath?: string;
}

/** @throws Error with what the compiler says; warnings are errors */
export async function compile(jdk: Jdk, compilation: Compilation): Promise<void> {
  const { folder, sources, classes, classPath } = compilation;
  const list = `${classes}.sources`;
  await writeFile(list, sources.map((source) => `"${join(folder, source)}"\n`).join(''));
  const strict = ['-Xlint:all', '-Werror', '-encoding', 'UTF-8'];
  const path = classPath === undefined ? [] : ['-cp', classPath];
  const options = ['--release', RELEASE, '-g:source,lines', ...strict, ...path];
  await jdkTool(jdk, 'javac', [...options, '-d', classes, `@${list}`]);
}

export interface JarOptions {
  readonly file: string;
  readonly classes: string;
  /** Of the files below `classes`; all by default. */
  readonly names?: readonly string[];
  /** Lines of the manifest. */
  readonly manifest?: string;
}

/** A jar that has the same bytes whenever and wherever it is made. */
export async function writeJar(jdk: Jdk, options: JarOptions): Promise<void> {
  const { file, classes, names = await filesBelow(classes), manifest = '' } = options;
  await writeFile(`${file}.manifest`, manifest);
  const entries = names.flatMap((name) => ['-C', classes, name]);
  await writeFile(`${file}.names`, entries.map((word) => `"${word}"\n`).join(''));
  const own = ['--manifest', `${file}.manifest`, `--date=${DATE}`];
  await jdkTool(jdk, 'jar', ['--create', '--file', file, ...own, `@${file}.names`]);
  // An archive of loaded classes compares the jar's time unless there is none (jre.ts).
  await utimes(file, 0, 0);
}

/** Paths of the files below a folder, relative to it and sorted. */
export async function filesBelow(folder: string): Promise<string[]> {
  const entries = await readdir(folder, { recursive: true, withFileTypes: true });
  return entries
    .filter((entry) => entry.isFile())
    .map((entry) => relative(folder, join(entry.parentPath, entry.name)))
    .sort();
}

/** @throws Error with what the tool says */
export async function jdkTool(jdk: Jdk, name: string, args: readonly string[]): Promise<void> {
  try {
    await run(join(jdk.home, 'bin', name), [...args], { env: { LC_ALL: 'C.UTF-8', TZ: 'UTC' } });
  } catch (cause) {
    const { stderr = '', stdout = '' } = cause as { stderr?: string; stdout?: string };
    throw new Error(`${name} of JDK ${jdk.version} failed:\n${stdout}${stderr}`, { cause });
  }
}
