/**
 * What `docker build` makes, without Docker: the Dockerfile's own COPY lines, with
 * the compiler and the production dependencies of this checkout.
 */
import { execFile } from 'node:child_process';
import { cpSync, existsSync, mkdirSync, readFileSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';
import { promisify } from 'node:util';
import { root } from './paths.ts';

export interface Copy {
  /** Stage that it comes from; the checkout when absent. */
  readonly from: string | undefined;
  readonly sources: readonly string[];
  readonly target: string;
}

export interface Stage {
  readonly name: string | undefined;
  readonly instructions: readonly string[];
  readonly copies: readonly Copy[];
}

/** The stages of the repository's Dockerfile, which has an instruction on each line. */
export function dockerfileStages(): readonly Stage[] {
  const lines = readFileSync(join(root, 'Dockerfile'), 'utf8').split('\n');
  const stages: { name: string | undefined; instructions: string[] }[] = [];
  for (const line of lines.filter((text) => text !== '' && !text.startsWith('#'))) {
    if (line.startsWith('FROM ')) {
      stages.push({ name: / AS (\S+)$/.exec(line)?.[1], instructions: [line] });
    } else stages.at(-1)?.instructions.push(line);
  }
  return stages.map((stage) => ({ ...stage, copies: stage.instructions.flatMap(copyOf) }));
}

function copyOf(line: string): readonly Copy[] {
  if (!line.startsWith('COPY ')) return [];
  const words = line.split(' ').slice(1);
  const from = words[0]?.startsWith('--from=') ? words.shift()?.slice('--from='.length) : undefined;
  const target = words.pop() ?? '';
  return [{ from, sources: words, target }];
}

/** The folder that the last stage calls its working directory; 10 to 20 seconds. */
export async function makeImage(folder: string): Promise<void> {
  const copies = dockerfileStages().at(-1)?.copies ?? [];
  for (const { from, sources, target } of copies) {
    if (from === 'build') await compile(join(folder, target));
    else if (from === 'dependencies') copyDependencies(join(folder, target));
    else for (const source of sources) copyFromCheckout(source, join(folder, target));
  }
}

function copyFromCheckout(source: string, target: string): void {
  const into = target.endsWith('/') ? join(target, basename(source)) : target;
  cpSync(join(root, source), into, { recursive: true });
}

async function compile(outDir: string): Promise<void> {
  const tsc = join(root, 'node_modules', 'typescript', 'bin', 'tsc');
  const args = [tsc, '-p', join(root, 'tsconfig.build.json'), '--outDir', outDir];
  await promisify(execFile)(process.execPath, args);
}

interface Lock {
  readonly packages: Readonly<
    Record<string, { readonly dev?: boolean; readonly optional?: boolean }>
  >;
}

/** What `npm ci --omit=dev` installs, as the lock file has it. */
function copyDependencies(target: string): void {
  const lock = JSON.parse(readFileSync(join(root, 'package-lock.json'), 'utf8')) as Lock;
  const folders = Object.entries(lock.packages)
    .filter(([path, { dev }]) => path !== '' && dev !== true)
    .map(([path]) => path.slice('node_modules/'.length));
  for (const folder of folders) {
    const source = join(root, 'node_modules', folder);
    // Optional ones are those of other machines.
    if (lock.packages[`node_modules/${folder}`]?.optional === true && !existsSync(source)) continue;
    mkdirSync(dirname(join(target, folder)), { recursive: true });
    // Packages inside packages have entries of their own.
    const filter = (path: string): boolean => path !== join(source, 'node_modules');
    cpSync(source, join(target, folder), { recursive: true, filter });
  }
}
